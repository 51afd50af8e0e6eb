"""Initials and colours of people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srexpert.web import people


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ana Ribeiro", "AR"),
        ("Inês de Lopes", "IL"),
        ("argocd", "A"),
        ("rui.costa@northwind.example", "RC"),
        ("عمر", "ع"),
        ("", "?"),
        ("  ", "?"),
        ("(nobody)", "?"),
    ],
)
def test_initials_of_names_and_addresses(name, expected):
    assert people.initials(name) == expected


def test_colours_of_the_demo_differ():
    cast = ["Ana Ribeiro", "Rui Costa", "Marta Nunes", "Inês Lopes", "Tiago Sousa"]
    assert [people.colour(name) for name in cast] == [1, 2, 3, 4, 5]


@given(st.text())
def test_colour_is_one_of_five_and_ignores_case_and_space(name):
    assert people.colour(name) in range(1, 6)
    assert people.initials(name)
