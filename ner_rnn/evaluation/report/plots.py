"""The plots of a report as SVG: the picture, calibration, precision against recall, training.

Their style is in ``drawing.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ner_rnn.evaluation.build import RECALLS
from ner_rnn.evaluation.report.drawing import INK, drawn, legend, line, mark
from ner_rnn.evaluation.report.overview import calibration_figure, overview
from ner_rnn.evaluation.schema import CellRow, Figure, ModelRow, Report
from ner_rnn.extras import require
from ner_rnn.model.recall import CurvePoint
from ner_rnn.training.recall_curve import SHOWN_SCORE

__all__ = ["figures"]

PRECISE = "precision ≥ 0.99"


def figures(report: Report) -> list[Figure]:
    """Draw all plots for which a report has values.

    Raises:
        ExtraError: matplotlib is not installed.
    """
    require("drawing plots", "matplotlib")
    drawings: list[Figure] = []
    order = [model["name"] for model in report["models"]]
    scored = [cell for cell in report["cells"] if cell["skipped"] is None]
    drawings += overview(report)
    calibration = calibration_figure(report)
    drawings += [calibration] if calibration else []
    for corpus in report["corpora"]:
        if corpus["stress"] is not None:
            continue
        here = [cell for cell in scored if cell["corpus"] == corpus["name"]]
        if any(cell["calibration"] for cell in here):
            drawings.append(_reliability(here, order, corpus["name"]))
        if any(cell["curve"] and cell["names"]["support"] for cell in here):
            drawings.append(_curve(here, order, corpus["name"]))
    learned = [model for model in report["models"] if len(model["curve"]) > 1]
    if learned:
        drawings.append(_training(learned, order))
    return drawings


def _reliability(cells: Sequence[CellRow], order: Sequence[str], corpus: str) -> Figure:
    described, models = [], []
    with drawn(4.6, width=4.9) as (axes, save):
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
        axes.text(
            0.03, 0.06, "perfectly calibrated", rotation=45, fontsize=8, rotation_mode="anchor"
        )
        for cell in cells:
            known = cell["candidates"] or cell["calibration"]
            if known is None:
                continue
            bins = [one for one in known["bins"] if one["count"]]
            most = max(one["count"] for one in bins)
            x = [one["mean_score"] for one in bins]
            y = [one["precision"] for one in bins]
            model = cell["model"]
            look = mark(order, model)
            axes.plot(x, y, color=look["color"], linewidth=1.2, linestyle=line(order, model))
            for a, b, one in zip(x, y, bins, strict=True):
                axes.plot(a, b, markersize=3 + 6 * (one["count"] / most) ** 0.5, **look)
            models.append(model)
            described.append(f"{model} {100 * known['ece']:.1f} %")
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02), aspect="equal")
        axes.set(xlabel="mean score of a bin", ylabel="share of right names")
        axes.grid()
        legend(axes, order, models, columns=2)
        return save(
            f"reliability__{corpus}",
            f"Reliability on {corpus}, of all names with a score of at least {SHOWN_SCORE:g}, also "
            "off the best path: below the dotted line a model is overconfident; larger marks stand "
            "for more names.",
            alt=f"Reliability on {corpus}; expected calibration error: {', '.join(described)}.",
        )


def _curve(cells: Sequence[CellRow], order: Sequence[str], corpus: str) -> Figure:
    described, models = [], []
    with drawn(4.4, width=5.6) as (axes, save):
        lowest = 1.0
        for cell in cells:
            points = [point for point in cell["curve"] if point["recall"] is not None]
            if not points:
                continue
            model = cell["model"]
            look = mark(order, model)
            # the few names of the highest scores jump about and say little
            steady = [point for point in points if (point["recall"] or 0) >= 0.02] or points
            x, y = [p["whole"] for p in steady], [p["precision"] or 0.0 for p in steady]
            lowest = min(lowest, *y)
            axes.plot(x, y, color=look["color"], linewidth=1.4, linestyle=line(order, model))
            for point, size in ((cell["best"], 8), (cell["precise"], 5)):
                if point:
                    axes.plot(point["whole"], point["precision"], markersize=size, **look)
            hollow = look | {"markerfacecolor": "none"}
            for point in cell["recalls"]:
                if point:
                    axes.plot(point["whole"], point["precision"], markersize=6, **hollow)
            models.append(model)
            marks = {"best F1": cell["best"], PRECISE: cell["precise"]}
            marks |= {
                f"{share:.0%}": at for share, at in zip(RECALLS, cell["recalls"], strict=True)
            }
            described.append(
                f"{model}: {', '.join(_point(at, what) for what, at in marks.items())}"
            )
        axes.axhline(0.99, color=INK, linewidth=0.8, linestyle=":")
        axes.set(xlim=(0, 1.02), ylim=(max(0.0, min(0.9, lowest) - 0.05), 1.02))
        axes.set(xlabel="share of names found whole", ylabel="precision")
        axes.grid()
        legend(axes, order, models, columns=2)
        return save(
            f"curve__{corpus}",
            f"Precision against recall on {corpus} as the threshold falls, names off the best path "
            f"included; large mark: best F1, small mark: highest recall at {PRECISE}, hollow "
            "marks: 95, 98 and 99 % of the names found whole.",
            alt=f"Precision against recall on {corpus}; {'; '.join(described)}.",
        )


def _training(models: Sequence[ModelRow], order: Sequence[str]) -> Figure:
    described = []
    with drawn(3.4, ncols=2) as (panels, save):
        for axes, key, label in zip(
            panels, ("loss", "dev_f1"), ("training loss", "F1 on development data"), strict=True
        ):
            for model in models:
                points = [
                    (point["epoch"], value)
                    for point in model["curve"]
                    if (value := point[key]) is not None  # type: ignore[literal-required]
                ]
                if not points:
                    continue
                x, y = zip(*points, strict=True)
                axes.plot(
                    x, y, markersize=4, linewidth=1.2, linestyle=line(order, model["name"]),
                    **mark(order, model["name"]),
                )  # fmt: skip
                if key == "dev_f1":
                    described.append(f"{model['name']} {100 * max(y):.1f}")
            axes.set_xlabel("epoch")
            axes.set_title(label, fontsize=10, loc="left")
            axes.grid()
        panels[0].set_yscale("log")
        from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

        panels[0].yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        panels[0].yaxis.set_minor_formatter(NullFormatter())
        panels[0].yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        for axes in panels:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        legend(panels[0], order, [model["name"] for model in models], above=1.2)
        return save(
            "training",
            "Training: loss and F1 on the development data, epoch by epoch.",
            alt=f"Training curves; best F1 on development data: {', '.join(described) or 'none'}.",
        )


def _point(point: CurvePoint | None, what: str) -> str:
    if point is None:
        return f"no {what}"
    precision, recall = point["precision"] or 0.0, point["whole"] or 0.0
    return f"{what} at precision {precision:.3f} and recall {recall:.3f}"
