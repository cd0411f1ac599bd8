"""Small PDDL domains with quantifiers, conditional effects and numbers, written for the comparison with an oracle."""

from __future__ import annotations

TRUCKS = (
    """
(define (domain trucks) ; fuel by distance and load, in fractions
  (:requirements :typing :numeric-fluents)
  (:types place truck crate)
  (:predicates (at ?t - truck ?p - place) (lies ?c - crate ?p - place) (in ?c - crate ?t - truck))
  (:functions (fuel ?t - truck) (tank ?t - truck) - number (load ?t - truck) (weight ?c - crate) (far ?p ?q - place))
  (:action drive :parameters (?t - truck ?p ?q - place)
    :precondition (and (at ?t ?p) (> (far ?p ?q) 0) (>= (fuel ?t) (* (far ?p ?q) (+ 1 (/ (load ?t) 4)))))
    :effect (and (at ?t ?q) (not (at ?t ?p)) (decrease (fuel ?t) (* (far ?p ?q) (+ 1 (/ (load ?t) 4))))))
  (:action fill :parameters (?t - truck ?p - place)
    :precondition (and (at ?t ?p) (< (fuel ?t) (tank ?t)))
    :effect (assign (fuel ?t) (tank ?t)))
  (:action stow :parameters (?c - crate ?t - truck ?p - place)
    :precondition (and (at ?t ?p) (lies ?c ?p) (<= (+ (load ?t) (weight ?c)) 5.5))
    :effect (and (in ?c ?t) (not (lies ?c ?p)) (increase (load ?t) (weight ?c))))
  (:action unload :parameters (?c - crate ?t - truck ?p - place)
    :precondition (and (at ?t ?p) (in ?c ?t))
    :effect (and (lies ?c ?p) (not (in ?c ?t)) (decrease (load ?t) (weight ?c)))))
""",
    """
(define (problem two) (:domain trucks)
  (:objects a b c - place t u - truck x y - crate)
  (:init (at t a) (at u b) (lies x a) (lies y b)
    (= (fuel t) 7) (= (fuel u) 3.25) (= (tank t) 8) (= (tank u) 5) (= (load t) 0) (= (load u) 0)
    (= (weight x) 3) (= (weight y) 2.5)
    (= (far a b) 2) (= (far b a) 2) (= (far b c) 1.5) (= (far c b) 1.5) (= (far a c) 0) (= (far c a) 0)
    (= (far a a) 0) (= (far b b) 0) (= (far c c) 0))
  (:goal (and (lies x c) (lies y c) (= (load t) 0) (>= (fuel u) 1))))
""",
)
MARKET = (
    """
(define (domain market) ; prices that follow what is bought; costs that nothing depends on
  (:requirements :adl :numeric-fluents :action-costs)
  (:types good)
  (:predicates (dear ?g - good) (shut))
  (:functions (total-cost) (money) (price ?g - good) (have ?g - good))
  (:action buy :parameters (?g - good)
    :precondition (and (not (shut)) (>= (money) (price ?g)))
    :effect (and (decrease (money) (price ?g)) (increase (have ?g) 1) (increase (total-cost) (price ?g))
      (when (not (dear ?g)) (assign (price ?g) (* (price ?g) 1.5)))
      (when (> (have ?g) 1) (dear ?g))))
  (:action sell :parameters (?g - good)
    :precondition (and (not (shut)) (> (have ?g) 0) (or (dear ?g) (not (< (price ?g) 2))))
    :effect (and (increase (money) (- (price ?g) 0.5)) (decrease (have ?g) 1)
      (when (dear ?g) (and (not (dear ?g)) (assign (price ?g) (/ (price ?g) 3))))
      (forall (?o - good) (when (not (= ?o ?g)) (increase (price ?o) 1)))))
  (:action close :parameters ()
    :precondition (and (exists (?g - good) (not (= (have ?g) 0))) (not (shut)))
    :effect (shut))
  (:action reopen :parameters () :precondition (shut) :effect (and (not (shut)) (assign (money) (+ (- (money)) 20)))))
""",
    """
(define (problem fair) (:domain market)
  (:objects salt silk - good)
  (:init (= (total-cost) 0) (= (money) 10) (= (price salt) 2) (= (price silk) 3.5) (= (have salt) 0) (= (have silk) 0))
  (:goal (and (shut) (forall (?g - good) (>= (have ?g) 1)) (imply (dear silk) (< (money) 5))))
  (:metric minimize (+ (* 2 (total-cost)) (money))))
""",
)
JARS = (
    """
(define (domain jars) ; swaps at once, sums over all, and assignments that may clash
  (:requirements :adl :numeric-fluents)
  (:types jar)
  (:predicates (red ?j - jar) (blue ?j - jar))
  (:functions (in ?j - jar) (spilt))
  (:action swap :parameters (?a ?b - jar)
    :precondition (not (= ?a ?b))
    :effect (and (assign (in ?a) (in ?b)) (assign (in ?b) (in ?a)) (when (red ?a) (and (red ?b) (not (red ?a))))))
  (:action drain :parameters (?a - jar)
    :precondition (exists (?b - jar) (> (in ?b) (in ?a)))
    :effect (and (forall (?b - jar) (when (blue ?b) (increase (spilt) 1))) (decrease (spilt) 0.25) (blue ?a)))
  (:action level :parameters (?a - jar)
    :effect (and (when (red ?a) (assign (in ?a) 1)) (when (blue ?a) (assign (in ?a) (- (+ (spilt) 1) 0.75)))))
  (:action paint :parameters (?a - jar)
    :precondition (not (and (red ?a) (blue ?a)))
    :effect (and (when (blue ?a) (and (red ?a) (not (blue ?a)))) (when (not (blue ?a)) (blue ?a))))
  (:action pour :parameters (?a ?b - jar)
    :precondition (and (> (in ?a) 0) (<= (in ?b) 4))
    :effect (and (decrease (in ?a) (in ?a)) (increase (in ?b) (in ?a)))))
""",
    """
(define (problem three) (:domain jars)
  (:objects p q r - jar)
  (:init (= (in p) 2) (= (in q) 3) (= (in r) 0.5) (= (spilt) 0) (red p) (blue r))
  (:goal (and (> (spilt) 1) (= (in p) (in q)) (not (exists (?j - jar) (and (red ?j) (blue ?j)))))))
""",
)
GUARDS = (
    """
(define (domain guards) ; numbers under quantifiers and implications, a constant, types below types
  (:requirements :adl :numeric-fluents)
  (:types person room - object guard thief - person)
  (:constants vault - room)
  (:predicates (in ?p - person ?r - room) (locked ?r - room) (door ?r ?s - room) (alarm))
  (:functions (noise ?r - room) (ear ?g - guard))
  (:action walk :parameters (?p - person ?r ?s - room)
    :precondition (and (in ?p ?r) (or (door ?r ?s) (door ?s ?r)) (not (locked ?s)))
    :effect (and (not (in ?p ?r)) (in ?p ?s) (increase (noise ?s) 1)
      (forall (?q - room) (when (and (not (= ?q ?s)) (> (noise ?q) 0)) (decrease (noise ?q) 0.5)))))
  (:action pick :parameters (?t - thief ?r ?s - room)
    :precondition (and (in ?t ?r) (door ?r ?s) (locked ?s)
      (forall (?g - guard) (imply (in ?g ?r) (< (noise ?r) (ear ?g)))))
    :effect (and (not (locked ?s)) (increase (noise ?r) 2)))
  (:action call :parameters (?g - guard)
    :precondition (exists (?r - room) (and (in ?g ?r) (>= (noise ?r) (ear ?g)) (not (locked vault))))
    :effect (and (alarm) (locked vault)))
  (:action rest :parameters ()
    :precondition (not (forall (?r - room) (<= (noise ?r) 1)))
    :effect (forall (?r - room) (assign (noise ?r) 0))))
""",
    """
(define (problem night) (:domain guards)
  (:objects hall stair - room bo - guard al cy - thief)
  (:init (in bo hall) (in al stair) (in cy hall) (locked vault) (door hall stair) (door stair vault)
    (= (noise hall) 0) (= (noise stair) 0) (= (noise vault) 0) (= (ear bo) 1.5))
  (:goal (and (exists (?t - thief) (in ?t vault)) (not (alarm)) (<= (+ (noise hall) (noise stair)) 1))))
""",
)
KEYS = (
    """
(define (domain keys) ; no numbers but costs; what holds of nobody, of everybody, of one alone
  (:requirements :adl :action-costs)
  (:types box key tool - object)
  (:constants master - key)
  (:predicates (fits ?k - key ?b - box) (open ?b - box) (holds ?x - object) (inside ?x - object ?b - box)
    (worn ?k - key))
  (:functions (total-cost) - number (effort ?b - box) - number)
  (:action unlock :parameters (?b - box ?k - key)
    :precondition (and (holds ?k) (not (open ?b)) (or (fits ?k ?b) (and (= ?k master) (not (worn master)))))
    :effect (and (open ?b) (when (= ?k master) (worn ?k)) (increase (total-cost) (effort ?b))))
  (:action take :parameters (?x - object ?b - box)
    :precondition (and (inside ?x ?b) (open ?b) (not (exists (?y - object) (and (holds ?y) (not (= ?y master))))))
    :effect (and (holds ?x) (not (inside ?x ?b))))
  (:action put :parameters (?x - object ?b - box)
    :precondition (and (holds ?x) (open ?b) (not (= ?x ?b)))
    :effect (and (inside ?x ?b) (not (holds ?x))))
  (:action shut :parameters ()
    :precondition (exists (?b - box) (open ?b))
    :effect (forall (?b - box) (when (open ?b)
      (and (not (open ?b)) (not (worn master)))))))
""",
    """
(define (problem attic) (:domain keys)
  (:objects b c - box k - key saw - tool)
  (:init (holds master) (inside k b) (inside saw c) (fits k c) (= (total-cost) 0) (= (effort b) 1) (= (effort c) 2))
  (:goal (and (holds saw) (forall (?b - box) (not (open ?b))) (not (worn master))))
  (:metric minimize (total-cost)))
""",
)
GARDEN = (
    """
(define (domain garden) ; growth that compounds, and comparisons of sums on both sides
  (:requirements :typing :fluents :disjunctive-preconditions :negative-preconditions :conditional-effects)
  (:types bed)
  (:predicates (dry ?b - bed) (ripe ?b - bed))
  (:functions (water) (size ?b - bed) (rate ?b - bed) (days))
  (:action pump :parameters () :precondition (< (+ (water) (days)) (+ 6 (* 2 (days)))) :effect (increase (water) 1.5))
  (:action pour :parameters (?b - bed)
    :precondition (and (dry ?b) (>= (water) (/ (size ?b) 2)) (not (> (size ?b) 9)))
    :effect (and (not (dry ?b)) (decrease (water) (/ (size ?b) 2)) (assign (size ?b) (* (size ?b) (rate ?b)))))
  (:action wait :parameters ()
    :precondition (and)
    :effect (and (increase (days) 1) (forall (?b - bed) (and (dry ?b) (when (> (size ?b) 4) (ripe ?b))))))
  (:action cut :parameters (?b ?c - bed)
    :precondition (and (or (ripe ?b) (= (size ?b) (size ?c))) (not (= ?b ?c)))
    :effect (and (not (ripe ?b)) (assign (size ?b) (/ (+ (size ?b) (size ?c)) 2)))))
""",
    """
(define (problem spring) (:domain garden)
  (:objects x y - bed)
  (:init (dry x) (dry y) (= (water) 1) (= (size x) 1) (= (size y) 2) (= (rate x) 2) (= (rate y) 1.5) (= (days) 0))
  (:goal (and (ripe x) (ripe y) (< (days) 5))))
""",
)
SAMPLES = {
    "trucks": TRUCKS, "market": MARKET, "jars": JARS, "guards": GUARDS, "keys": KEYS, "garden": GARDEN,
}  # fmt: skip
