"""A float in a money or quantity column of a mart is refused by the contract before anything is published."""

import shutil
from pathlib import Path

import pytest

from meterhouse.runner import project
from meterhouse.runner.errors import BuildFailed
from meterhouse.runner.workspace import PROJECT_FOLDER
from tests.worlds import World

# Leaves of the lineage, so that one build refuses all of them.
MUTATIONS = {
    "credits/balances.sql": ("sums.granted,", "cast(sums.granted as double) as granted,"),
    "reporting/revenue_daily.sql": ("{{ number('quantity') }} as quantity", "cast(quantity as double) as quantity"),
}


@pytest.fixture
def mutated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the project that runs are made of."""
    for place in project.AUTHORED:
        source, target = PROJECT_FOLDER / place, tmp_path / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    shutil.copytree(PROJECT_FOLDER / "seeds", tmp_path / "seeds")
    monkeypatch.setattr(project, "PROJECT_FOLDER", tmp_path)
    return tmp_path


def test_a_float_in_a_mart_is_refused(mutated: Path, world: World) -> None:
    for name, (exact, inexact) in MUTATIONS.items():
        path = mutated / "models" / name
        assert exact in path.read_text(), f"{name}: the line to spoil is gone"
        path.write_text(path.read_text().replace(exact, inexact, 1))

    with pytest.raises(BuildFailed) as raised:
        world.build("2026-01-01T00:00:00Z")

    for name in MUTATIONS:
        assert f"models/{name}" in str(raised.value)
    assert "DOUBLE" in str(raised.value)
    assert not world.workspace.publication.exists()
