(** The setting of the paper (Section 2), for data sets as indexed collections.

    A data set of [n] examples is a map ['I_n -> X]: every copy of a duplicated
    value is an element of its own, and nothing is asked of [X], not even that
    equality is decidable. Probabilities are rational. *)
From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Setting.
Variables (X : Type) (k c : nat).

(** A base learner answers label [l] on the list [w] with probability [A w l]. *)
Definition learner := k.-tuple X -> 'I_c -> rat.

Definition is_learner (A : learner) : Prop :=
  (forall w l, 0 <= A w l) /\ (forall w, \sum_l A w l = 1).

(** A learner without randomness: all its probability lies on one label. *)
Definition deterministic (A : learner) : Prop :=
  exists f : k.-tuple X -> 'I_c, forall w l, A w l = (f w == l)%:R.

(** The lists that g(D) draws, uniformly and with replacement: k indices below n. *)
Definition lists (n : nat) := {ffun 'I_k -> 'I_n}.

Definition drawn n (D : 'I_n -> X) (w : lists n) : k.-tuple X :=
  [tuple D (w i) | i < k].

(** [n^k] times the label probability p_l = Pr(A(g(D)) = l). *)
Definition mass (A : learner) n (D : 'I_n -> X) (l : 'I_c) : rat :=
  \sum_(w : lists n) A (drawn D w) l.

Definition prob (A : learner) n (D : 'I_n -> X) (l : 'I_c) : rat :=
  mass A D l / (n ^ k)%:R.

(** Bagging predicts [l]: every other label has strictly less probability. *)
Definition predicts (A : learner) n (D : 'I_n -> X) (l : 'I_c) : Prop :=
  forall j, j != l -> prob A D j < prob A D l.

(** Eq (2): [p_l] and [p_s] bound the label probabilities. *)
Definition bounded (A : learner) n (D : 'I_n -> X) (l : 'I_c) (pl ps : rat) : Prop :=
  pl <= prob A D l /\ (forall j, j != l -> prob A D j <= ps).

(** [m] examples are shared: an injective matching of indices, values equal. *)
Definition share n n' (D : 'I_n -> X) (D' : 'I_n' -> X) (m : nat) : Prop :=
  exists (f : 'I_m -> 'I_n) (g : 'I_m -> 'I_n'),
    [/\ injective f, injective g & forall i, D (f i) = D' (g i)].

(** Eq (1): B(D, r), all data sets within [r] of D. *)
Definition poisoned (r : nat) n n' (D : 'I_n -> X) (D' : 'I_n' -> X) : Prop :=
  (0 < n')%N /\ exists m, share D D' m /\ (maxn n n' <= m + r)%N.

(** The three single kinds of attack: modification, deletion, insertion. *)
Definition modified (r : nat) n (D D' : 'I_n -> X) : Prop :=
  exists m, share D D' m /\ (n <= m + r)%N.
Definition deleted (r : nat) n n' (D : 'I_n -> X) (D' : 'I_n' -> X) : Prop :=
  (0 < n')%N /\ share D D' n' /\ (n <= n' + r)%N.
Definition inserted (r : nat) n n' (D : 'I_n -> X) (D' : 'I_n' -> X) : Prop :=
  share D D' n /\ (n' <= n + r)%N.

End Setting.

(** Left side of (4), times [n^k], less the gap [G] in units of one list:
    n'^k - 2 m^k + n^k - G, with m the least overlap that budget r leaves. *)
Definition kept (n n' r : nat) : nat := (maxn n n' - r)%N.
Definition margin (k n n' r : nat) (G : rat) : rat :=
  (n' ^ k)%:R - 2 * (kept n n' r ^ k)%:R + (n ^ k)%:R - G.

(** (4) holds at r: for every size that the budget allows. *)
Definition holds (k n r : nat) (G : rat) : Prop :=
  forall n', (0 < n')%N -> (n <= n' + r)%N -> (n' <= n + r)%N -> margin k n n' r G < 0.
