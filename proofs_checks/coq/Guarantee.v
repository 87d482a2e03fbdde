(** What a checked certificate is worth: the checker composed with Theorem 1, for each
    kind of attack and each kind of residual. *)
From Coq Require Import NArith.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Counting Theorem1 Neighbours Claims Checker Checked.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Guarantee.
Variables (X : Type) (k c : nat).
Implicit Types (A : learner X k c) (l : 'I_c).

(** Masses are integers only without randomness in the learner. *)
Definition suits (e : residual) A : Prop :=
  if e is Integral then deterministic A else is_learner A.

(** D' is within [r] of D, by the attack: eq (1) and its three single kinds. *)
Definition reaches (a : attack) (r n n' : nat) (D : 'I_n -> X) (D' : 'I_n' -> X) : Prop :=
  match a with
  | Any => poisoned r D D'
  | Modify => n' = n /\ exists m, share D D' m /\ (n <= m + r)%N
  | Delete => deleted r D D'
  | Insert => inserted r D D'
  end.

Lemma modified_reaches r n (D D' : 'I_n -> X) : modified r D D' -> reaches Modify r D D'.
Proof. by []. Qed.

(** (4) for single kinds of attack is monotone in the budget that is spent. *)
Lemma holds_for_below a n r t G : (t <= r)%N -> possible a n r ->
  holds_for a k n r G -> holds_for a k n t G.
Proof.
move=> tr [y can] holds_r x; have pow u v : (u <= v)%N -> 0 <= (v ^ k)%:R - (u ^ k)%:R :> rat.
  by move=> uv; rewrite subr_ge0 ler_nat leq_pow.
have less z : margin k n z t G <= margin k n z r G.
  have /pow le : (kept n z r <= kept n z t)%N by rewrite leq_sub2l.
  by apply: (le_by (addr_ge0 le le)); rewrite /margin; rat_ring.
case: a can holds_r => /= can holds_r.
- case/and3P=> x_gt0 lo up; apply: le_lt_trans (less x) (holds_r x _).
  by rewrite /= x_gt0 (leq_trans lo) ?(leq_trans up) // leq_add2l.
- by move=> ok; apply: le_lt_trans (less x) (holds_r x ok).
- case/andP=> x_gt0 /eqP xt; apply: le_lt_trans (holds_r y can).
  case/andP: can => y_gt0 /eqP yr; rewrite /margin.
  have /pow le : (y <= x)%N.
    by rewrite -(leq_add2r r) yr -xt leq_add2l.
  have -> : kept n x t = x by rewrite kept_small -xt ?leq_addr ?addnK.
  have -> : kept n y r = y by rewrite kept_small -yr ?leq_addr ?addnK.
  by apply: (le_by le); rat_ring.
- move=> /eqP->; apply: le_lt_trans (holds_r y can); move/eqP: can => ->; rewrite /margin.
  have /pow le : (n + t <= n + r)%N by rewrite leq_add2l.
  have all_kept u : kept n (n + u) u = n by rewrite kept_large ?leq_addr ?addnK.
  by rewrite !all_kept; apply: (le_by le); rat_ring.
Qed.

Lemma bounded_leads_by e A n (D : 'I_n -> X) l pl ps :
  suits e A -> bounded A D l pl ps -> leads A D l (gap_by e k n pl ps).
Proof.
case: e => /= ok.
- exact: bounded_leads_paper.
- exact: bounded_leads.
- exact: bounded_leads_integral.
Qed.

(** Theorem 1 for each kind of attack: what (4) at [r] says of every D' within [r]. *)
Lemma leads_reaches a A n (D : 'I_n -> X) l r G :
  leads A D l G -> possible a n r -> holds_for a k n r G ->
  forall n' (D' : 'I_n' -> X), reaches a r D D' -> predicts A D' l.
Proof.
move=> lead can held n' D'; have below t tr := holds_for_below (t := t) tr can held.
case: a can held below => /= can held below.
- by apply: leads_holds lead _ _ _; apply/holds_for_any.
- case=> eq_n [m [sh le]]; apply: (leads_kept (r := r) lead sh); last exact/held/eqP.
  by rewrite kept_small ?eq_n // leq_subLR addnC.
- case=> n'_gt0 [sh le]; have le_n := share_leql sh.
  have tr : (n - n' <= r)%N by rewrite leq_subLR.
  apply: (leads_kept (r := n - n') lead sh); last by apply: below; rewrite //= n'_gt0 subnKC ?eqxx.
  by rewrite kept_small // subKn.
- case=> sh le; have le_n := share_leqr sh.
  have tr : (n' - n <= r)%N by rewrite leq_subLR.
  apply: (leads_kept (r := n' - n) lead sh); last by apply: below; rewrite //= subnKC ?eqxx.
  by rewrite kept_large // subKn.
Qed.

(** A true claim of radius [r]: bagging predicts [l] on every D' within [r]. *)
Theorem true_claim_predicts a e A n (D : 'I_n -> X) l pl ps r worst :
  suits e A -> bounded A D l pl ps -> true_claim a e n k pl ps (Certified r worst) ->
  forall n' (D' : 'I_n' -> X), reaches a r D D' -> predicts A D' l.
Proof.
by move=> ok bD [_ [_ [can held _] _]]; apply: leads_reaches (bounded_leads_by ok bD) can held.
Qed.

End Guarantee.

(** The same from the checker's answer. *)
Theorem checked_predicts X c a e n k high low d r worst
    (A : learner X (N.to_nat k) c) (D : 'I_(N.to_nat n) -> X) (l : 'I_c) :
  Bin.check a e n k high low d (Certified r worst) = true ->
  suits e A -> bounded A D l (fraction high d) (fraction low d) ->
  forall n' (D' : 'I_n' -> X), reaches a (N.to_nat r) D D' -> predicts A D' l.
Proof. by move=> /checker_sound ok suit bD; apply: true_claim_predicts suit bD ok. Qed.
