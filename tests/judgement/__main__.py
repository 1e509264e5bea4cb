"""`python -m tests.judgement`: the tables of docs/judgement.md."""

from tests.judgement.crossvalidate import main

main()
