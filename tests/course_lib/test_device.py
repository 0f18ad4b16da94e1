"""The choice of device and profile, the report, and the benchmark."""

import sys

import pytest
import torch

from course_lib import device
from course_lib.device import reporting


@pytest.fixture(autouse=True)
def _no_overrides(monkeypatch):
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    monkeypatch.delenv("COURSE_PROFILE", raising=False)


def test_cpu_without_accelerator(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert device.get() == torch.device("cpu")
    assert device.profile() == "laptop"


def test_cuda_comes_first_and_brings_the_full_profile(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert device.get() == torch.device("cuda")
    assert device.profile() == "full"
    monkeypatch.setenv("COURSE_DEVICE", "CUDA:1")
    assert device.get() == torch.device("cuda", 1)
    monkeypatch.setenv("COURSE_DEVICE", "mps")
    assert device.get() == torch.device("mps")
    assert device.profile() == "laptop"
    monkeypatch.setenv("COURSE_DEVICE", "cuda:2")
    with pytest.raises(device.DeviceError, match=r"cuda:2.*use one of cuda, cuda:0, cuda:1, mps, cpu"):
        device.get()


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "cpu:0", "none"])
def test_unknown_device_names_the_allowed_ones_in_one_line(monkeypatch, name):
    monkeypatch.setenv("COURSE_DEVICE", name)
    with pytest.raises(device.DeviceError, match=f"COURSE_DEVICE='{name}'.*cpu") as caught:
        device.get()
    assert "\n" not in str(caught.value)


def test_profile_and_choose(monkeypatch):
    for name, value in {"smoke": 1, "laptop": 2, " FULL ": 3}.items():
        monkeypatch.setenv("COURSE_PROFILE", name)
        assert device.profile() == name.strip().lower()
        assert device.choose(smoke=1, laptop=2, full=3) == value
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    with pytest.raises(device.DeviceError, match="use one of smoke, laptop, full"):
        device.choose(smoke=1, laptop=2, full=3)


def test_an_empty_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "")
    monkeypatch.setenv("COURSE_PROFILE", "")
    assert device.profile() in device.PROFILES


def test_report_is_one_paragraph_with_the_facts(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    found = device.report()
    text = str(found)
    assert "\n" not in text
    for fact in (found.cpu, f"{found.threads} threads", f"{found.memory:.1f} GiB", torch.__version__, "float32"):
        assert fact in text
    assert found.device_memory is None
    assert set(found.precisions) == {"float32", "tf32", "bf16", "fp16"}
    assert found.precisions["tf32"] is False
    assert 0.1 < found.memory < 100_000


@pytest.mark.parametrize(
    ("capability", "fast"),
    [
        ((6, 1), {"float32"}),
        ((7, 5), {"float32", "fp16"}),
        ((8, 0), {"float32", "tf32", "bf16", "fp16"}),
        ((9, 0), {"float32", "tf32", "bf16", "fp16"}),
    ],
)
def test_precisions_of_nvidia_generations(monkeypatch, capability, fast):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    found = reporting.fast_precisions(torch.device("cuda"))
    assert {name for name, is_fast in found.items() if is_fast} == fast


@pytest.mark.parametrize(
    ("line", "fast"),
    [
        ("flags\t\t: fpu sse2 avx2", set()),
        ("flags\t\t: avx512_bf16 amx_bf16", {"bf16"}),
        ("Features\t: fp asimd fphp asimdhp bf16", {"bf16", "fp16"}),
    ],
)
def test_precisions_of_a_processor_come_from_its_flags(monkeypatch, line, fast):
    monkeypatch.setattr(reporting.platform, "system", lambda: "Linux")
    monkeypatch.setattr(reporting, "_lines", lambda _: ["model name : Foo", line])
    found = reporting.fast_precisions(torch.device("cpu"))
    assert {name for name, is_fast in found.items() if is_fast} == fast | {"float32"}


def test_memory_respects_a_container_limit(monkeypatch):
    monkeypatch.setattr(reporting, "_lines", lambda path: ["1073741824"] if "cgroup" in str(path) else [])
    assert reporting.memory_gib() == 1.0
    monkeypatch.setattr(reporting, "_lines", lambda path: ["max"])
    assert reporting.memory_gib() > 0


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux")
def test_cpu_name_is_the_makers():
    assert device.report().cpu not in ("", "unknown processor")


def test_benchmark_measures_and_keeps_its_time(monkeypatch):
    rows = device.benchmark(seconds=0.01, devices=["cpu"])
    assert [row["device"] for row in rows] == ["cpu"]
    numbers = {k: v for k, v in rows[0].items() if k != "device"}
    assert set(numbers) == {"matmul (GFLOP/s)", "conv1d (GFLOP/s)", "STFT (x real time)", "copy (GB/s)"}
    # Bounds of any computer of this century, to catch a wrong unit: a factor of 1000 would leave them.
    assert 0.5 < numbers["matmul (GFLOP/s)"] < 100_000
    assert 0.1 < numbers["conv1d (GFLOP/s)"] < 100_000
    assert 10 < numbers["STFT (x real time)"] < 10_000_000
    assert 0.1 < numbers["copy (GB/s)"] < 20_000
