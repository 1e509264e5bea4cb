"""Fitting the network with PyTorch: the pretrained encoder, of which the upper layers and a head for each side learn.

The lower layers stay as they came, so that what they make of a message is computed once. A message teaches its kind, and
its proof where to look. Now and then only the neighbourhood of the proof is shown.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from torch import Tensor, nn
from torch.nn import functional

from tests.judgement.network.pretrained import FORWARD, HEADS, PARTS, WIDTH, Pretrained

LAYERS, FROZEN, POSITIONS = 12, 8, 320
EPOCHS, RATE, TOKENS = 3, 2e-4, 2400
LOOK = 0.2  # what pointing at the proof weighs beside the kind
NEIGHBOURHOOD = 0.2  # how often only the words around the proof are shown
SMOOTHING, DROPOUT, DECAY = 0.03, 0.1, 0.02
EPSILON = 1e-12


@dataclass(frozen=True, slots=True)
class Example:
    """A message for training: its side, its pieces, which of them are the proof, its kind's number, its weight; and what
    the frozen layers make of the pieces, a row each."""

    side: str
    pieces: Sequence[int]
    proof: Sequence[int]
    kind: int
    weight: float = 1.0
    rows: Tensor | None = None


class Layer(nn.Module):
    """One layer of the encoder: attention, then a feed-forward part; each added and normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.first = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.up = nn.Linear(WIDTH, FORWARD)
        self.down = nn.Linear(FORWARD, WIDTH)
        self.second = nn.LayerNorm(WIDTH, eps=EPSILON)

    def forward(self, x: Tensor, valid: Tensor) -> Tensor:
        size, length, _ = x.shape
        q, k, v = self.mix(x).view(size, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=valid[:, None, None, :])
        seen = self.out(seen.transpose(1, 2).reshape(size, length, WIDTH))
        x = self.first(x + functional.dropout(seen, DROPOUT, self.training))
        thought = self.down(functional.gelu(self.up(x), approximate="tanh"))
        added: Tensor = self.second(x + functional.dropout(thought, DROPOUT, self.training))
        return added


class Head(nn.Module):
    """Where to look, and what kind it is: from the mean of all pieces and of those looked at."""

    def __init__(self, kinds: int) -> None:
        super().__init__()
        self.look = nn.Linear(WIDTH, 1)
        self.tell = nn.Linear(2 * WIDTH, kinds)

    def forward(self, x: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        looks = self.look(x).squeeze(-1).masked_fill(~valid, -1e4)
        share = valid.float() / valid.float().sum(1, keepdim=True)
        both = torch.cat([(share[..., None] * x).sum(1), (looks.softmax(-1)[..., None] * x).sum(1)], -1)
        return self.tell(functional.dropout(both, DROPOUT, self.training)), looks


class Net(nn.Module):
    def __init__(self, encoder: Pretrained, kept: Sequence[int], kinds: dict[str, int]) -> None:
        super().__init__()
        vectors = encoder.rows("emb.word")[list(kept)]
        self.vectors = nn.Embedding.from_pretrained(torch.from_numpy(vectors), freeze=True)
        self.places = nn.Embedding(POSITIONS, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.heads = nn.ModuleDict({side: Head(count) for side, count in kinds.items()})
        with torch.no_grad():
            _inherit(self, encoder)

    def begin(self, pieces: Tensor, valid: Tensor) -> Tensor:
        """What the frozen layers make of some messages."""
        x: Tensor = self.norm(self.vectors(pieces) + self.places.weight[: pieces.shape[1]])
        for layer in self.layers[:FROZEN]:
            x = layer(x, valid)
        return x

    def forward(self, x: Tensor, valid: Tensor, side: str) -> tuple[Tensor, Tensor]:
        """What the other layers and the head of a side make of that: kinds, and where it looked."""
        for layer in self.layers[FROZEN:]:
            x = layer(x, valid)
        told: tuple[Tensor, Tensor] = self.heads[side](x.float(), valid)
        return told


def _inherit(net: Net, encoder: Pretrained) -> None:
    """The encoder's weights."""
    small = {name: torch.from_numpy(value.copy()) for name, value in encoder.tensors.items()}
    net.places.weight.copy_(small["emb.pos"].view(-1, WIDTH)[:POSITIONS] + small["emb.type"].view(-1, WIDTH)[0])
    net.norm.weight.copy_(small["emb.ln.w"])
    net.norm.bias.copy_(small["emb.ln.b"])
    for number, layer in enumerate(net.layers):
        for part, names in PARTS.items():
            linear = getattr(layer, part)
            linear.weight.copy_(torch.cat([torch.from_numpy(encoder.rows(f"l{number}.{name}.w")) for name in names]))
            linear.bias.copy_(torch.cat([small[f"l{number}.{name}.b"] for name in names]))
        for norm, name in ((layer.first, "aln"), (layer.second, "oln")):
            norm.weight.copy_(small[f"l{number}.{name}.w"])
            norm.bias.copy_(small[f"l{number}.{name}.b"])


def begun(net: Net, examples: Sequence[Example]) -> list[Example]:
    """The examples with what the frozen layers make of them."""
    net.eval()
    found: dict[int, Tensor] = {}
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for batch in _filled(sorted(enumerate(examples), key=lambda pair: len(pair[1].pieces)), 8000):
            length = max(len(example.pieces) for _, example in batch)
            pieces = torch.zeros(len(batch), length, dtype=torch.long)
            for row, (_, example) in enumerate(batch):
                pieces[row, : len(example.pieces)] = torch.tensor(example.pieces)
            rows = net.begin(pieces, _valid([example for _, example in batch])).to(torch.bfloat16)
            found |= {at: rows[row, : len(e.pieces)].clone() for row, (at, e) in enumerate(batch)}
    return [replace(example, rows=found[at]) for at, example in enumerate(examples)]


def fit(net: Net, examples: Sequence[Example], seed: int = 1) -> None:
    """Trains the upper layers and the heads on examples that were begun; prints the loss of each round."""
    chance = random.Random(seed)
    torch.manual_seed(seed)
    body = [p for layer in net.layers[FROZEN:] for p in layer.parameters()]
    groups = [{"params": body, "lr": RATE}, {"params": list(net.heads.parameters()), "lr": 5 * RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=DECAY, betas=(0.9, 0.98))
    steps = EPOCHS * len(_batches(examples, random.Random(0)))
    pace = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / (0.06 * steps)) * max(0.02, 1 - step / steps)
    )
    started = time.monotonic()
    for epoch in range(EPOCHS):
        net.train()
        losses = [
            _step(net, batch, optimiser, pace) for batch in _batches([_near(e, chance) for e in examples], chance)
        ]
        print(f"round {epoch + 1}: loss {np.mean(losses):.3f} after {time.monotonic() - started:.0f} s", flush=True)


def _step(
    net: Net,
    batch: Sequence[Example],
    optimiser: torch.optim.Optimizer,
    pace: torch.optim.lr_scheduler.LRScheduler,
) -> float:
    told, looks = _asked(net, batch)
    weight = torch.tensor([example.weight for example in batch])
    truth = torch.tensor([example.kind for example in batch])
    missed = functional.cross_entropy(told, truth, reduction="none", label_smoothing=SMOOTHING)
    loss = wrong = (missed * weight).sum() / weight.sum()
    proof = torch.zeros(looks.shape)
    for row, example in enumerate(batch):
        proof[row, : len(example.proof)] = torch.tensor(example.proof, dtype=torch.float)
    proved = proof.sum(1) > 0
    if proved.any():
        target = proof[proved] / proof[proved].sum(1, keepdim=True)
        loss = loss - LOOK * (target * looks[proved].float().log_softmax(-1)).sum(1).mean()
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()
    pace.step()
    return float(wrong.detach())


def add_reactions(net: Net, examples: Sequence[Example], groups: Sequence[int]) -> NDArray[np.float64]:
    """A head for the owner's reactions, which are too few to teach the network: it looks where the owner's head looks,
    and only what that tells is learnt. Returns what it says of each example when fitted without those of its group."""
    found = _pooled(net, examples)
    kinds = np.array([example.kind for example in examples])
    folds = GroupKFold(5, shuffle=True, random_state=1)
    told = cross_val_predict(_plain(), found, kinds, groups=groups, cv=folds, method="predict_log_proba")
    fitted = _plain().fit(found, kinds)
    head = Head(len(fitted.classes_))
    with torch.no_grad():
        head.look.load_state_dict(net.heads["owner"].look.state_dict())
        head.tell.weight.copy_(torch.from_numpy(fitted.coef_))
        head.tell.bias.copy_(torch.from_numpy(fitted.intercept_))
    net.heads["reaction"] = head
    return np.asarray(told)


def _plain() -> LogisticRegression:
    return LogisticRegression(C=0.1, max_iter=2000)


def _pooled(net: Net, examples: Sequence[Example]) -> NDArray[np.float64]:
    """What the owner's head tells from, a row for each example."""
    net.eval()
    found: dict[int, NDArray[np.float64]] = {}
    owner = net.heads["owner"]
    with torch.no_grad():
        for at, example in enumerate(examples):
            assert example.rows is not None
            x, valid = example.rows.float()[None], _valid([example])
            for layer in net.layers[FROZEN:]:
                x = layer(x, valid)
            found[at] = torch.cat([x.mean(1), (owner.look(x).squeeze(-1).softmax(-1)[..., None] * x).sum(1)], -1)[
                0
            ].numpy()
    return np.array([found[at] for at in range(len(examples))])


def _asked(net: Net, batch: Sequence[Example]) -> tuple[Tensor, Tensor]:
    valid = _valid(batch)
    x = torch.zeros(*valid.shape, WIDTH)
    for row, example in enumerate(batch):
        assert example.rows is not None
        x[row, : len(example.pieces)] = example.rows.float()
    with torch.autocast("cpu", torch.bfloat16):
        told, looks = net(x, valid, batch[0].side)
    return told.float(), looks


def _valid(batch: Sequence[Example]) -> Tensor:
    lengths = torch.tensor([len(example.pieces) for example in batch])
    return torch.arange(int(lengths.max()))[None, :] < lengths[:, None]


def _near(example: Example, chance: random.Random) -> Example:
    """Now and then the neighbourhood of the proof alone."""
    if chance.random() > NEIGHBOURHOOD or not any(example.proof) or example.rows is None:
        return example
    proof = list(example.proof)
    first, last = proof.index(1), len(proof) - proof[::-1].index(1)
    start, end = max(1, first - chance.randrange(8)), min(len(proof) - 1, last + chance.randrange(8))
    chosen = [0, *range(start, end), len(proof) - 1]
    return replace(
        example,
        pieces=[example.pieces[at] for at in chosen],
        proof=[proof[at] for at in chosen],
        rows=example.rows[chosen],
    )


def _batches(examples: Sequence[Example], chance: random.Random) -> list[list[Example]]:
    """Batches of one side and of like length, in random order."""
    mixed = list(examples)
    chance.shuffle(mixed)
    found: list[list[Example]] = []
    for start in range(0, len(mixed), 1536):
        for side in sorted({example.side for example in mixed}):
            some = sorted((e for e in mixed[start : start + 1536] if e.side == side), key=lambda e: len(e.pieces))
            found += [[example for _, example in batch] for batch in _filled(list(enumerate(some)))]
    chance.shuffle(found)
    return found


def _filled(examples: Sequence[tuple[int, Example]], tokens: int = TOKENS) -> list[list[tuple[int, Example]]]:
    found: list[list[tuple[int, Example]]] = [[]]
    for pair in examples:
        if found[-1] and len(pair[1].pieces) * (len(found[-1]) + 1) > tokens:
            found.append([])
        found[-1].append(pair)
    return [batch for batch in found if batch]


def log_probabilities(net: Net, examples: Sequence[Example]) -> NDArray[np.float64]:
    """What the network says of each example, all of one side and begun, a row each."""
    net.eval()
    found: dict[int, NDArray[np.float64]] = {}
    with torch.no_grad():
        for batch in _filled(sorted(enumerate(examples), key=lambda pair: len(pair[1].pieces)), 8000):
            told, _ = _asked(net, [example for _, example in batch])
            rows = told.double().log_softmax(-1).numpy()
            found |= {at: rows[row] for row, (at, _) in enumerate(batch)}
    return np.array([found[at] for at in range(len(examples))])
