"""Which number format the device gets when the first ones fail."""

import pytest

from bandmate_plugins._platform.devices import DeviceChoice, choose_device, choose_format, vram_cap_gb


def product_that_fails(*bad):
    def product(number_format):
        if number_format in bad:
            raise RuntimeError(f"CUBLAS_STATUS_EXECUTION_FAILED for {number_format}\nmore")

    return product


@pytest.mark.parametrize(
    ("bad", "device", "number_format"),
    [
        ((), "cuda:0", "bfloat16"),
        (("bfloat16",), "cuda:0", "float16"),
        (("bfloat16", "float16"), "cuda:0", "float32"),
        (("bfloat16", "float16", "float32"), "cpu", "float32"),
    ],
)
def test_the_first_format_that_multiplies_is_taken(bad, device, number_format):
    choice = choose_format("cuda:0", product_that_fails(*bad))
    assert (choice.name, choice.number_format) == (device, number_format)
    assert all(name in choice.sentence for name in bad)
    assert "\n" not in choice.sentence
    assert bool(choice.remark) == bool(bad)
    assert number_format in choice.remark or not bad


def test_no_gpu_is_nothing_to_remark_on():
    assert DeviceChoice("cpu", "float32", "torch detects no GPU").remark == ""
    assert DeviceChoice("cpu", "float32").remark == ""


@pytest.mark.parametrize(
    ("said", "cap"),
    [("8", 8.0), ("4.5", 4.5), ("", None), ("0", None), ("-1", None), ("nan", None), ("8 GB", None)],
)
def test_a_cap_is_a_number_of_gb(monkeypatch, said, cap):
    monkeypatch.setenv("MAX_CUDA_VRAM", said)
    assert vram_cap_gb() == cap


def test_this_machine_has_a_device():
    choice = choose_device()
    assert choice.name
    assert choice.number_format in ("bfloat16", "float16", "float32")
