"""`python -m tests.judgement`: the tables of docs/judgement.md: whole mailboxes, then messages by cross-validation."""

from pathlib import Path

from tests.judgement import cases, crossvalidate

for folder in ("cases", "cases_more", "cases_third", "cases_fourth"):
    print(f"\n## Mailboxes of tests/{folder}\n")
    cases.main([str(Path(__file__).parent.parent / folder)])
crossvalidate.main()
