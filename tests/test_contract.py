"""A contract's text, hash and parsing; what is rejected, and with which words."""

import dataclasses
import hashlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinycl.contract import DEFAULT, VERSION, Contract, Reduction
from tinycl.errors import ContractError, TinyclError
from tinycl.testing.strategies import contracts, reductions

FIELDS = [f.name for f in dataclasses.fields(Contract)]
TEXT = (
    "mac=fma reduction=sequential start=zero bias=after taps=channel_major "
    "input_grad_taps=by_output padding=multiply batch=chain subnormals=keep "
    "selection_order=ascending"
)


def test_default():
    assert Contract() == DEFAULT
    assert DEFAULT.text == TEXT
    assert str(DEFAULT) == "default"
    assert DEFAULT.hash == hashlib.sha256(f"tinycl-contract-{VERSION} {TEXT}".encode()).hexdigest()


@given(contracts())
def test_round_trip(contract):
    assert Contract.parse(contract.text) == contract
    assert Contract.parse(str(contract)) == contract
    assert Contract.parse(contract.text).hash == contract.hash
    assert contract.text.count("=") == len(FIELDS)
    assert DEFAULT.but(**{name: getattr(contract, name) for name in FIELDS}) == contract
    assert hash(contract) == hash(Contract.parse(contract.text))


@given(contracts(), contracts())
def test_text_and_hash_tell_contracts_apart(a, b):
    assert (a == b) == (a.text == b.text) == (a.hash == b.hash) == (str(a) == str(b))


@given(reductions())
def test_reduction_round_trip(reduction):
    assert Reduction.parse(str(reduction)) == reduction
    assert Contract(reduction=str(reduction)).reduction == reduction


def test_parse_takes_any_order_and_spaces():
    spaced = Contract.parse("  reduction=lanes(4, pairwise)\n mac=mul_add ")
    assert spaced == Contract(mac="mul_add", reduction=Reduction("lanes", 4, "pairwise"))
    assert Contract.parse("") == Contract.parse("default") == DEFAULT
    words = DEFAULT.text.split()
    for order in itertools.islice(itertools.permutations(words), 0, 40000, 4001):
        assert Contract.parse(" ".join(order)) == DEFAULT


def test_first_product_with_an_early_bias_is_rejected():
    told = "start=first_product with bias=start"
    with pytest.raises(ContractError, match=told):
        Contract(start="first_product", bias="start")
    with pytest.raises(ContractError, match=told):
        Contract.parse("start=first_product bias=start")
    with pytest.raises(ContractError, match=told):
        Contract(start="first_product").but(bias="start")


@pytest.mark.parametrize("name", [name for name in FIELDS if name != "reduction"])
@pytest.mark.parametrize("value", ["", "FMA", "fma ", None, 0, True, ["fma"], b"fma"])
def test_settings_that_do_not_exist(name, value):
    """The error names the field, what was given, and what there is to choose from."""
    with pytest.raises(ContractError) as caught:
        Contract(**{name: value})
    for part in (name, repr(value), getattr(DEFAULT, name)):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "lanes", "lanes(4)", "lanes(1,left)", "lanes(0,left)", "lanes(4,right)", "lanes(-2,left)"]
    + ["lanes(4,left", "lanes 4,left", "lanes(4.0,left)", "lanes(,left)", "lanes(4,left,left)"]
    + ["sequential(2)", "sequential(0,left)", "grouped", "grouped(0)", "grouped(2,left)"]
    + ["blocks(0)", "blocks(9999999999)", "blocks(x)", "split(1)", "split(0)", "tree(4)"]
    + ["Sequential", "lanes(4,left)\nx", "lanes(四,left)", "lanes(٤,left)", "(4)", "sequential()"],
)
def test_reductions_that_do_not_exist(text):
    with pytest.raises(ContractError, match="reduction"):
        Reduction.parse(text)
    with pytest.raises(ContractError, match="reduction"):
        Contract(reduction=text)


@pytest.mark.parametrize(
    "parts",
    [("lanes", True, "left"), ("lanes", 4.0, "left"), ("lanes", "4", "left")]
    + [("lanes", 4, "Left"), ("blocks", None, ""), ("split", 2, "pairwise"), ("sequential", 1, "")]
    + [("sequential", 0, "left"), ("", 0, ""), (None, 0, ""), ("grouped", 1 << 21, "")],
)
def test_reductions_from_wrong_parts(parts):
    with pytest.raises(ContractError, match="reduction"):
        Reduction(*parts)


@pytest.mark.parametrize("value", [None, 4, ("lanes", 4, "left"), b"sequential"])
def test_reduction_of_another_kind(value):
    with pytest.raises(ContractError, match="reduction"):
        Contract(reduction=value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mac", "name=value"),
        ("mac=", "choose from"),
        ("=fma", "name=value"),
        ("macs=fma", "input_grad_taps"),
        ("mac=fma mac=fma", "twice"),
        ("mac=fma default", "default"),
        ("mac = fma", "name=value"),
        ("mac=fma,bias=start", "choose from"),
        ("{}", "name=value"),
    ],
)
def test_text_that_cannot_be_read(text, told):
    with pytest.raises(ContractError, match=told):
        Contract.parse(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    """Nothing but a ContractError ever comes out, and what is read has a canonical text."""
    for reader in (Contract.parse, Reduction.parse):
        try:
            made = reader(text)
        except ContractError:
            continue
        assert reader(str(made)) == made


def test_a_contract_error_is_one_of_ours():
    assert issubclass(ContractError, TinyclError)
    assert issubclass(ContractError, ValueError)


def test_contracts_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        DEFAULT.mac = "mul_add"
    with pytest.raises(TypeError):
        DEFAULT.but(macs="fma")
