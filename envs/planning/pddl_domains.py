"""Eight classic planning domains, written for this project."""

from __future__ import annotations

DOMAINS = {
    "blocksworld": """
(define (domain blocksworld)
  (:requirements :strips)
  (:predicates (on ?x ?y) (on-table ?x) (clear ?x) (hand-empty) (holding ?x))
  (:action pick-up
    :parameters (?x)
    :precondition (and (clear ?x) (on-table ?x) (hand-empty))
    :effect (and (holding ?x) (not (on-table ?x)) (not (clear ?x)) (not (hand-empty))))
  (:action put-down
    :parameters (?x)
    :precondition (holding ?x)
    :effect (and (on-table ?x) (clear ?x) (hand-empty) (not (holding ?x))))
  (:action stack
    :parameters (?x ?y)
    :precondition (and (holding ?x) (clear ?y))
    :effect (and (on ?x ?y) (clear ?x) (hand-empty) (not (holding ?x)) (not (clear ?y))))
  (:action unstack
    :parameters (?x ?y)
    :precondition (and (on ?x ?y) (clear ?x) (hand-empty))
    :effect (and (holding ?x) (clear ?y) (not (on ?x ?y)) (not (clear ?x)) (not (hand-empty)))))
""",
    "gripper": """
(define (domain gripper)
  (:requirements :strips :typing :negative-preconditions :equality)
  (:types room ball hand)
  (:predicates (robot-in ?r - room) (in ?b - ball ?r - room) (busy ?h - hand) (carry ?b - ball ?h - hand))
  (:action move
    :parameters (?from ?to - room)
    :precondition (and (robot-in ?from) (not (= ?from ?to)))
    :effect (and (robot-in ?to) (not (robot-in ?from))))
  (:action pick
    :parameters (?b - ball ?h - hand ?r - room)
    :precondition (and (robot-in ?r) (in ?b ?r) (not (busy ?h)))
    :effect (and (carry ?b ?h) (busy ?h) (not (in ?b ?r))))
  (:action drop
    :parameters (?b - ball ?h - hand ?r - room)
    :precondition (and (robot-in ?r) (carry ?b ?h))
    :effect (and (in ?b ?r) (not (carry ?b ?h)) (not (busy ?h)))))
""",
    "logistics": """
(define (domain logistics)
  (:requirements :strips :typing :equality :negative-preconditions)
  (:types city place thing - object airport - place vehicle package - thing truck plane - vehicle)
  (:predicates (part-of ?p - place ?c - city) (at ?t - thing ?p - place) (inside ?p - package ?v - vehicle))
  (:action drive
    :parameters (?t - truck ?from ?to - place ?c - city)
    :precondition (and (at ?t ?from) (part-of ?from ?c) (part-of ?to ?c) (not (= ?from ?to)))
    :effect (and (at ?t ?to) (not (at ?t ?from))))
  (:action fly
    :parameters (?a - plane ?from ?to - airport)
    :precondition (and (at ?a ?from) (not (= ?from ?to)))
    :effect (and (at ?a ?to) (not (at ?a ?from))))
  (:action load
    :parameters (?p - package ?v - vehicle ?l - place)
    :precondition (and (at ?p ?l) (at ?v ?l))
    :effect (and (inside ?p ?v) (not (at ?p ?l))))
  (:action unload
    :parameters (?p - package ?v - vehicle ?l - place)
    :precondition (and (inside ?p ?v) (at ?v ?l))
    :effect (and (at ?p ?l) (not (inside ?p ?v)))))
""",
    "ferry": """
(define (domain ferry)
  (:requirements :strips :typing :equality :negative-preconditions)
  (:types car port)
  (:predicates (ferry-at ?p - port) (at ?c - car ?p - port) (aboard ?c - car) (empty))
  (:action sail
    :parameters (?from ?to - port)
    :precondition (and (ferry-at ?from) (not (= ?from ?to)))
    :effect (and (ferry-at ?to) (not (ferry-at ?from))))
  (:action board
    :parameters (?c - car ?p - port)
    :precondition (and (ferry-at ?p) (at ?c ?p) (empty))
    :effect (and (aboard ?c) (not (at ?c ?p)) (not (empty))))
  (:action leave
    :parameters (?c - car ?p - port)
    :precondition (and (ferry-at ?p) (aboard ?c))
    :effect (and (at ?c ?p) (empty) (not (aboard ?c)))))
""",
    "visitall": """
(define (domain visitall)
  (:requirements :strips :typing)
  (:types cell)
  (:predicates (next ?a ?b - cell) (robot-at ?a - cell) (visited ?a - cell))
  (:action move
    :parameters (?a ?b - cell)
    :precondition (and (robot-at ?a) (next ?a ?b))
    :effect (and (robot-at ?b) (visited ?b) (not (robot-at ?a)))))
""",
    "hanoi": """
(define (domain hanoi)
  (:requirements :strips)
  (:predicates (smaller ?disk ?x) (on ?disk ?x) (clear ?x))
  (:action move
    :parameters (?disk ?from ?to)
    :precondition (and (smaller ?disk ?to) (on ?disk ?from) (clear ?disk) (clear ?to))
    :effect (and (on ?disk ?to) (clear ?from) (not (on ?disk ?from)) (not (clear ?to)))))
""",
    "satellite": """
(define (domain satellite)
  (:requirements :strips :typing :equality :negative-preconditions)
  (:types satellite direction instrument mode)
  (:predicates (aboard ?i - instrument ?s - satellite) (supports ?i - instrument ?m - mode)
    (target ?i - instrument ?d - direction) (pointing ?s - satellite ?d - direction) (power ?s - satellite)
    (on ?i - instrument) (calibrated ?i - instrument) (image ?d - direction ?m - mode))
  (:action turn
    :parameters (?s - satellite ?to ?from - direction)
    :precondition (and (pointing ?s ?from) (not (= ?to ?from)))
    :effect (and (pointing ?s ?to) (not (pointing ?s ?from))))
  (:action switch-on
    :parameters (?i - instrument ?s - satellite)
    :precondition (and (aboard ?i ?s) (power ?s))
    :effect (and (on ?i) (not (calibrated ?i)) (not (power ?s))))
  (:action switch-off
    :parameters (?i - instrument ?s - satellite)
    :precondition (and (aboard ?i ?s) (on ?i))
    :effect (and (power ?s) (not (on ?i))))
  (:action calibrate
    :parameters (?s - satellite ?i - instrument ?d - direction)
    :precondition (and (aboard ?i ?s) (on ?i) (target ?i ?d) (pointing ?s ?d))
    :effect (calibrated ?i))
  (:action photograph
    :parameters (?s - satellite ?d - direction ?i - instrument ?m - mode)
    :precondition (and (calibrated ?i) (aboard ?i ?s) (supports ?i ?m) (on ?i) (pointing ?s ?d))
    :effect (image ?d ?m)))
""",
    "spanner": """
(define (domain spanner)
  (:requirements :strips :typing)
  (:types place person spanner nut)
  (:predicates (link ?a ?b - place) (person-at ?p - person ?l - place) (spanner-at ?s - spanner ?l - place)
    (nut-at ?n - nut ?l - place) (carries ?p - person ?s - spanner) (usable ?s - spanner) (loose ?n - nut)
    (tight ?n - nut))
  (:action walk
    :parameters (?a ?b - place ?p - person)
    :precondition (and (person-at ?p ?a) (link ?a ?b))
    :effect (and (person-at ?p ?b) (not (person-at ?p ?a))))
  (:action take
    :parameters (?l - place ?s - spanner ?p - person)
    :precondition (and (person-at ?p ?l) (spanner-at ?s ?l))
    :effect (and (carries ?p ?s) (not (spanner-at ?s ?l))))
  (:action tighten
    :parameters (?l - place ?s - spanner ?p - person ?n - nut)
    :precondition (and (person-at ?p ?l) (nut-at ?n ?l) (carries ?p ?s) (usable ?s) (loose ?n))
    :effect (and (tight ?n) (not (loose ?n)) (not (usable ?s)))))
""",
}
