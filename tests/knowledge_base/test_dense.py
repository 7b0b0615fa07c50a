import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from casewright.errors import StoreCorrupt
from knowledge_base.chroma import Chroma
from knowledge_base.dense import DenseIndex
from knowledge_base.exact import Beginning

RNG = np.random.default_rng(7)


def _unit(vectors: np.ndarray) -> np.ndarray:
    unit = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(unit, dtype=np.float32)


def _made(folder: Path) -> DenseIndex:
    index = DenseIndex(Chroma(folder.parent), folder.name)
    index.create()
    return index


def _ranked(index: DenseIndex, families: list[str], vector: np.ndarray, **more: Any) -> list[str]:
    return [name for _, name in index.ranked(families, vector, **more)]


def test_ranks_all_of_a_family_by_cosine_distance(tmp_path: Path) -> None:
    vectors = _unit(RNG.normal(size=(30, 16)))
    ids = [f"c{i:02}" for i in range(30)]
    index = _made(tmp_path / "v")
    index.put("one", ids, vectors)
    expected = [ids[i] for i in np.argsort(-(vectors @ vectors[4]))]
    assert _ranked(index, ["one"], vectors[4]) == expected
    index.close()


def test_families_are_apart_and_merge_by_distance(tmp_path: Path) -> None:
    near, nearer, far = _unit(np.array([[1.0, 0.2], [1.0, 0.1], [0.0, 1.0]]))
    index = _made(tmp_path / "v")
    index.put("one", ["near", "far"], np.stack([near, far]))
    index.put("two", ["nearer"], nearer[None])
    probe = _unit(np.array([1.0, 0.0]))
    assert _ranked(index, ["one"], probe) == ["near", "far"]
    assert _ranked(index, ["one", "two"], probe) == ["nearer", "near", "far"]
    index.close()


def test_what_the_graph_cannot_reach_is_ranked_all_the_same(tmp_path: Path) -> None:
    same = np.repeat(_unit(RNG.normal(size=(1, 16))), 1400, axis=0)
    vectors = np.concatenate([same, _unit(RNG.normal(size=(60, 16)))])
    ids = [f"c{i:04}" for i in range(len(vectors))]
    index = _made(tmp_path / "v")
    index.put("one", ids, vectors)
    ranked = _ranked(index, ["one"], vectors[-1])
    assert sorted(ranked) == ids
    index.close()


def test_lost_files_are_noticed(tmp_path: Path) -> None:
    vectors = _unit(RNG.normal(size=(1200, 16)))
    index = _made(tmp_path / "v")
    index.put("one", [f"c{i}" for i in range(1200)], vectors)
    index.close()
    for segment in [path for path in (tmp_path / "v").iterdir() if path.is_dir()]:
        shutil.rmtree(segment)
    with pytest.raises(StoreCorrupt, match="--rebuild"):
        _ranked(index, ["one"], vectors[0])
    index.close()


def test_only_what_has_no_vector_is_missing(tmp_path: Path) -> None:
    index = _made(tmp_path / "v")
    assert index.missing("one", ["a", "b"]) == ["a", "b"]
    index.put("one", ["a"], _unit(RNG.normal(size=(1, 16))))
    assert index.missing("one", ["a", "b"]) == ["b"]
    assert index.missing("two", ["a"]) == ["a"]
    index.close()


def test_only_the_beginning_counts_where_one_is_given(tmp_path: Path) -> None:
    vectors = _unit(RNG.normal(size=(30, 16)))
    ids = [f"c{i:02}" for i in range(30)]
    index = _made(tmp_path / "v")
    index.put("one", ids, vectors)
    index.put("two", ["other"], vectors[:1])
    nearest = [ids[i] for i in np.argsort(-(vectors @ vectors[4]))]
    for names in (ids[:25], ["unknown", *reversed(ids)]):
        among = {"one": Beginning(names, 20), "two": Beginning(["other"], 0)}
        found = [name for _, name in index.exact(among, vectors[4])]
        assert found == [name for name in nearest if name in names[:20]]
    index.close()


def test_dropped_vectors_are_found_no_more(tmp_path: Path) -> None:
    vectors = _unit(RNG.normal(size=(3, 16)))
    index = _made(tmp_path / "v")
    index.put("one", ["a", "b", "c"], vectors)
    index.drop("one", ["b"])
    assert sorted(_ranked(index, ["one"], vectors[1])) == ["a", "c"]
    assert list(index.vectors("one", ["a", "b"])) == ["a"]
    index.close()


def test_a_missing_folder_is_corrupt(tmp_path: Path) -> None:
    with pytest.raises(StoreCorrupt, match="missing"):
        _ranked(DenseIndex(Chroma(tmp_path), "v"), ["one"], np.ones(16, dtype=np.float32))
