"""Which number format the device gets when the first ones fail."""

import pytest

from bandmate_plugins.devices import choose_device, choose_format


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


def test_this_machine_has_a_device():
    choice = choose_device()
    assert choice.name
    assert choice.number_format in ("bfloat16", "float16", "float32")
