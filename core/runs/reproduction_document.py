"""What the tutorials' recipes came to, as docs/reproduction.md.

Called by `core.commands.reproduce`.
"""

from core.data.datasets import ASSETS
from core.nn import architectures
from core.runs.reproduction import (
    FINDINGS,
    NOT_MEASURED,
    TUTORIALS,
    Result,
    Summary,
    longest,
    number,
    recipe,
    summary,
)
from core.training import configs
from core.training.tutorial_recipes import VARIANTS

DOCUMENT = ASSETS.parent / "docs" / "reproduction.md"


def document(results: dict[str, tuple[Result, ...]]) -> str:
    """Return docs/reproduction.md."""
    rows = "\n".join(_table_row(name, summary(results.get(name, ()))) for name in TUTORIALS)
    notes = "\n".join(_notes(name, longest(results.get(name, ()))) for name in TUTORIALS)
    changed = "\n".join(_table_row(name, summary(results.get(name, ()))) for name in VARIANTS)
    about = "\n\n".join(dict.fromkeys(FINDINGS[name] for name in VARIANTS))
    return _DOCUMENT.format(heads=_HEADS, rows=rows, changed=changed, about=about, notes=notes)


_HEADS = """\
| | recipe | claim | last | last five | test loss | best (epoch) | training | finished | its loss | epochs \
| time | date |
|--:|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|"""


_DOCUMENT = """\
# The tutorials' recipes, trained here

`python -m core reproduce` trains the sixteen recipes as the tutorials say and writes this page; the recipes are
in `core/training/tutorial_recipes.py`, the measurements with all their curves in `assets/reproduction.json`.
Nothing is tuned: a recipe that does not reach its tutorial's claim stays as it is, and what was found out about
it stands below.

Accuracy is the share of the 10,000 test pictures that are read rightly. *Last* is after the last epoch;
behind ± stands its standard error, sqrt(p (1 - p) / 10,000): how far chance moves a test of so many pictures.
*Last five* is the mean over the last five epochs. *Best* is after the best epoch: most tutorials measure the
test pictures after each epoch, and there it was chosen by them, so that it is a little too good. Where a
recipe holds pictures back and is judged by its last weights, neither is told. *Test loss* is the cross-
entropy beside *last*, in nats. *Training* is the mean over the last epoch, while learning, with dropout on;
*finished* is the finished network on all pictures that it has learnt from, with dropout off, which is what
the claims of 14 to 16 in brackets are as well; *its loss* stands beside it. Of several seeds it is the mean
and, in brackets, the range. *Time* is that of one training, breaks left out, on a machine that had other work
to do.

{heads}
{rows}

## One setting changed

{about}

{heads}
{changed}

## Notes

{notes}
"""


def _table_row(name: str, found: Summary | None) -> str:
    one, place = recipe(name), number(name) if name in TUTORIALS else ""
    start = f"| {place} | {one.title} (`{name}`) | {one.claim} |"
    if not found:
        return f"{start} {NOT_MEASURED} | | | | | | | | | |"
    epochs = found.epochs + (f", {found.seeds} seeds" if found.seeds > 1 else "")
    best = f"{found.best} ({found.best_epochs})" if found.best else ""
    last = f"{found.last} ±{found.error}"
    figures = (
        last,
        found.last_five,
        found.test_loss,
        best,
        found.training,
        found.finished or "not measured yet",
        found.train_loss,
    )
    return f"{start} {' | '.join((*figures, epochs, found.time, found.date))} |"


def _notes(name: str, found: tuple[Result, ...]) -> str:
    one = recipe(name)
    layers = f"{architectures.parameters(one.config.layers, configs.kind(one.config).shape):,} parameters"
    parts = [f"{number(name)}. **{one.title}.** {one.source}. {layers}."]
    parts += [one.deviation] if one.deviation else []
    if found and found[0].epochs < found[0].of:
        parts.append(f"Only {found[0].epochs} of its {found[0].of} epochs have been trained.")
    parts += sorted({f"Learnt from, and tested with, {one.data}." for one in found if one.data})
    parts += [FINDINGS[name]] if name in FINDINGS and found else []
    parts += sorted({f"On {one.device}, {one.dtype or 'dtype not recorded'}." for one in found})
    return " ".join(parts)
