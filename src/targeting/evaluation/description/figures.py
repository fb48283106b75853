"""How well the models in service did when tested forward in time, from the manifests of a home."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from targeting.evaluation.description.facts import Facts, Figures
from targeting.evaluation.description.markdown import bullets, table
from targeting.evaluation.description.ways import way_of
from targeting.evaluation.description.words import Language
from targeting.modelling.specification import Specification
from targeting.parameters.purposes import purpose_of

__all__ = ["figures"]


def figures(told: Facts, say: Language) -> Iterator[str]:
    """One part a target, or where the figures are to be found."""
    if not told.figures:
        yield say("figures_none")
        return
    yield f"{say('figures_lead')} {say('figures_choice')}"
    runs = sorted({(one.run, one.as_of) for one in told.figures.values() if one.run})
    yield from (say("figures_run", run=run, as_of=as_of) for run, as_of in runs)
    for target, specification in told.specifications.items():
        yield f"### {say.of(purpose_of(target), 'title')}"
        if target in told.figures:
            yield from _of_target(told.figures[target], specification, say)
        else:
            yield say("figures_no_model")


def _of_target(found: Figures, specification: Specification, say: Language) -> Iterator[str]:
    manifest = found.manifest
    yield bullets(f"**{key}:** {text}" for key, text in _about(found, specification, say))
    chosen = manifest["forward"].get(manifest["candidate"])
    if chosen:
        yield _measures(manifest["forward"], chosen, specification, say)


def _about(found: Figures, specification: Specification, say: Language) -> Iterator[tuple[str, str]]:
    manifest = found.manifest
    told = {
        "version": found.version,
        "kind": way_of(specification, manifest["candidate"], say),
        "inputs": len(manifest["features"]),
        "rows": manifest["rows"],
        "until": manifest["trained_until"],
    }
    yield say("fig_version"), say("fig_version_value", **told)
    if found.scored is not None:
        yield say("fig_scored"), str(found.scored)
        names = ", ".join(nb if say.code == "nb" else en for nb, en in found.bands)
        yield say("fig_form"), say("fig_bands", bands=names) if names else say("fig_probability")
    if manifest["test_windows"]:
        rows = manifest["forward"][manifest["candidate"]]["rows"]
        yield say("fig_tested"), say("fig_tested_value", rows=int(rows), windows=", ".join(manifest["test_windows"]))
    outcomes = Counter(gate["outcome"] for gate in manifest["gates"])
    blocked = sum(gate["outcome"] == "fail" and gate["severity"] == "block" for gate in manifest["gates"])
    yield (
        say("fig_gates"),
        say(
            "fig_gates_value",
            passed=outcomes["pass"],
            warned=outcomes["fail"] - blocked,
            blocked=blocked,
            other=outcomes["not applicable"],
        ),
    )


def _measures(
    forward: Mapping[str, Any], chosen: Mapping[str, Any], specification: Specification, say: Language
) -> str:
    """The chosen candidate beside the best rule and chance."""
    rules = [
        one.name for one in specification.candidates if one.baseline and one.name != "random" and one.name in forward
    ]
    best = max(rules, key=lambda name: (forward[name]["precision_at_k"] or 0.0) + (forward[name]["auc"] or 0.0))
    columns = [chosen, forward[best], forward.get("random", chosen)]
    header = [
        say("fig_measure"),
        say("fig_model"),
        say("fig_rule", name=way_of(specification, best, say)),
        say("fig_chance"),
    ]
    rows = (
        (say("m_precision", k=int(chosen["k"])), "precision_at_k"),
        (say("m_auc"), "auc"),
        (say("m_ece"), "ece"),
    )
    return table(header, ([title, *(_number(one[name], say) for one in columns)] for title, name in rows))


def _number(value: float | None, say: Language) -> str:
    return say("none") if value is None else say.number(value, 2)
