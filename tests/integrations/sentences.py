"""Texts that the tests of engines tag."""

TEXTS = [
    f"{first} {last} spoke in Paris.{' The firm hired Dr. Olga Petrov, it said.' * (i % 5)}"
    for i, (first, last) in enumerate(
        (first, last)
        for first in ("Maria", "John", "Angela", "Ivan", "Amina", "Pierre", "Li")
        for last in ("Silva", "Smith", "Merkel", "Diallo", "Dupont", "Wei")
    )
]
