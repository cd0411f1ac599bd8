"""Small primes, a primality test and random primes for arithmetic modulo primes."""

from __future__ import annotations

from typing import Final

_WITNESSES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
# Sorenson and Webster (2015): these witnesses decide every number below this.
_PROVEN_BELOW: Final = 3_317_044_064_679_887_385_961_981


def _sieve(limit: int) -> tuple[int, ...]:
    flags = bytearray([1]) * limit
    flags[:2] = b"\0\0"
    for value in range(2, int(limit**0.5) + 1):
        if flags[value]:
            flags[value * value :: value] = bytes(len(range(value * value, limit, value)))
    return tuple(value for value in range(limit) if flags[value])


SMALL_PRIMES: Final = _sieve(1000)


def is_prime(value: int) -> bool:
    """Whether the number is prime for certain; False also for a number too large to tell."""
    if value < 2 or value >= _PROVEN_BELOW:
        return False
    for prime in SMALL_PRIMES:
        if prime * prime > value:
            return True
        if value % prime == 0:
            return False
    odd, twos = value - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(value, witness, odd, twos) for witness in _WITNESSES)


def _passes(value: int, witness: int, odd: int, twos: int) -> bool:
    power = pow(witness, odd, value)
    if power in (1, value - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % value
        if power == value - 1:
            return True
    return False
