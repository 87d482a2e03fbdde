(** Clopper-Pearson bounds on binary integers: whether Pr(Bin(N, q) >= x) is at most a
    level, for rational q, out of one exact sum. *)
From Coq Require Import PArith NArith.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Cohen Checker Checked.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.

(** ** The definition *)

(** Clopper-Pearson's lower bound on the grid of 1 / d: the largest t of which it can be
    said, at the level [level], that [x] votes of [N] are too many; 0 at no votes at all. *)
Definition lower_is (N x d : nat) (level : rat) (t : nat) : Prop :=
  if x == 0%N then t = 0%N else
  [/\ (t <= d)%N, (upper_tail N x (t%:R / d%:R) <= level)%R
    & forall u, (u <= d)%N -> (upper_tail N x (u%:R / d%:R) <= level)%R -> (u <= t)%N].

Section Monotone.
Local Open Scope ring_scope.

Lemma upper_tailS N x q :
  upper_tail N.+1 x q = q * upper_tail N x.-1 q + (1 - q) * upper_tail N x q.
Proof.
rewrite /upper_tail big_mkcond big_ord_recl /=.
under eq_bigr => i _ do rewrite /bump /= add1n subSS.
have step (i : 'I_N.+1) :
    (if (x <= i.+1)%N then 'C(N.+1, i.+1)%:R * q ^+ i.+1 * (1 - q) ^+ (N - i) else 0) =
    (if (x.-1 <= i)%N then q * ('C(N, i)%:R * q ^+ i * (1 - q) ^+ (N - i)) else 0) +
    (if (x <= i.+1)%N then 'C(N, i.+1)%:R * q ^+ i.+1 * (1 - q) ^+ (N - i) else 0).
  rewrite -[(x.-1 <= i)%N]/(x.-1 < i.+1)%N.
  have -> : (x.-1 < i.+1)%N = (x <= i.+1)%N by case: (x).
  case: ifP => _; last by rewrite addr0.
  rewrite binS natrD !mulrDl [LHS]addrC; congr (_ + _).
  by rewrite exprS [X in X * _]mulrCA !mulrA.
rewrite (eq_bigr _ (fun i _ => step i)) big_split /= addrCA; congr (_ + _).
  by rewrite -big_mkcond mulr_sumr.
rewrite big_ord_recr /= subnn (bin_small (ltnSn N)) !mul0r if_same addr0.
rewrite [in RHS]big_mkcond big_ord_recl /= subn0 mulrDr; congr (_ + _).
  by case: (x <= 0)%N; rewrite ?mulr0 // !bin0 !expr0 !subn0 !mul1r exprS.
rewrite mulr_sumr; apply: eq_bigr => i _; rewrite /bump /= add1n.
case: ifP => _; rewrite ?mulr0 //.
by rewrite mulrCA -exprS -subSn.
Qed.

Lemma upper_tail_anti N x y q : 0 <= q <= 1 -> (x <= y)%N ->
  upper_tail N y q <= upper_tail N x q.
Proof.
case/andP=> q_ge0 q_le1 xy; rewrite /upper_tail big_mkcond [leRHS]big_mkcond /=.
apply: ler_sum => i _; have term_ge0 : 0 <= 'C(N, i)%:R * q ^+ i * (1 - q) ^+ (N - i).
  by rewrite !mulr_ge0 ?ler0n ?exprn_ge0 // subr_ge0.
by case: ifP => [yi | _]; [rewrite (leq_trans xy yi) | case: ifP].
Qed.

(** The larger q, the likelier many votes. *)
Lemma upper_tail_mono N x q q' : 0 <= q -> q <= q' -> q' <= 1 ->
  upper_tail N x q <= upper_tail N x q'.
Proof.
move=> q_ge0 qq' q'_le1; elim: N x => [|N IH] x.
  by rewrite /upper_tail big_mkcond [leRHS]big_mkcond !big_ord1 /= !expr0.
have q_le1 := le_trans qq' q'_le1; have q'_ge0 := le_trans q_ge0 qq'.
rewrite !upper_tailS.
apply: (@le_trans _ _ (q' * upper_tail N x.-1 q + (1 - q') * upper_tail N x q)); last first.
  by rewrite ler_add // ler_wpmul2l // subr_ge0.
have anti : upper_tail N x q <= upper_tail N x.-1 q.
  by apply: upper_tail_anti; rewrite ?q_ge0 ?leq_pred.
rewrite -subr_ge0 in qq'; rewrite -subr_ge0 in anti.
by apply: (le_by (mulr_ge0 qq' anti)); move: (upper_tail _ _ _) (upper_tail _ _ _) => u v; rat_ring.
Qed.

(** Upper bounds are lower bounds of what is left: few of [x] at q are many of N - x at 1 - q. *)
Lemma lower_tail_mirror N x q : (x <= N)%N ->
  \sum_(i < N.+1 | (i <= x)%N) 'C(N, i)%:R * q ^+ i * (1 - q) ^+ (N - i) =
  upper_tail N (N - x) (1 - q).
Proof.
move=> xN; rewrite /upper_tail (reindex_inj rev_ord_inj) /=; apply: eq_big => [i | i _].
  by rewrite subSS leq_subCl.
have iN : (i <= N)%N by rewrite -ltnS.
by rewrite subSS bin_sub // subKn // opprB addrCA subrr addr0 mulrAC.
Qed.

End Monotone.

(** ** The program *)
Module BinTail.
Local Open Scope N_scope.

(** Horner's rule over i: c = C(V, i), p = t^i, and the sum so far. *)
Fixpoint horner (steps : nat) (V x t s i c p sum : N) : N :=
  match steps with
  | O => sum
  | S rest =>
      horner rest V x t s (N.succ i) (c * (V - i) / N.succ i) (p * t)
        (sum * s + (if x <=? i then c * p else 0))
  end.

(** Pr(Bin(V, t / d) >= x) <= b / e. *)
Definition tail_at_most (V x t : N) (d : positive) (b : N) (e : positive) : bool :=
  (t <=? Npos d) &&
  (horner (N.to_nat (N.succ V)) V x t (Npos d - t) 0 1 1 0 * Npos e <=? b * Npos d ^ V).

(** Whether t / d is Clopper-Pearson's lower bound for the count x of V, on the grid. *)
Definition lower_test (V x t : N) (d : positive) (b : N) (e : positive) : bool :=
  if x =? 0 then t =? 0
  else tail_at_most V x t d b e &&
    ((t =? Npos d) || negb (tail_at_most V x (N.succ t) d b e)).

End BinTail.

(** ** The same over [nat] *)

Fixpoint horner (steps N x t s i c p sum : nat) : nat :=
  if steps is rest.+1 then
    horner rest N x t s i.+1 (c * (N - i) %/ i.+1) (p * t)
      (sum * s + (if x <= i then c * p else 0))
  else sum.

Lemma hornerE steps V x t s i c p sum :
  N.to_nat (BinTail.horner steps V x t s i c p sum) =
  horner steps (N.to_nat V) (N.to_nat x) (N.to_nat t) (N.to_nat s) (N.to_nat i)
    (N.to_nat c) (N.to_nat p) (N.to_nat sum).
Proof.
elim: steps i c p sum => //= steps IH i c p sum; rewrite IH !binE.
by congr (horner _ _ _ _ _ _ _ _ (_ + _)); case: (_ <= _); rewrite ?binE.
Qed.

Lemma next_binomial N i : 'C(N, i) * (N - i) %/ i.+1 = 'C(N, i.+1).
Proof. by rewrite mulnC -mul_bin_left mulKn. Qed.

Lemma horner_sum steps N x t s i sum :
  horner steps N x t s i 'C(N, i) (t ^ i) sum =
  sum * s ^ steps +
  \sum_(j < steps | x <= i + j) 'C(N, i + j) * t ^ (i + j) * s ^ (steps - j.+1).
Proof.
elim: steps i sum => [|m IH] i sum /=; first by rewrite big_ord0 muln1 addn0.
rewrite next_binomial -expnSr IH big_mkcond [in RHS]big_mkcond big_ord_recl /= addn0 subSS subn0.
rewrite mulnDl -mulnA -expnS -addnA; congr (_ + (_ + _)).
  by case: (x <= i).
by apply: eq_bigr => j _; rewrite addSnnS subSS.
Qed.

Lemma horner_tail N x t s :
  horner N.+1 N x t s 0 1 1 0 = \sum_(j < N.+1 | x <= j) 'C(N, j) * t ^ j * s ^ (N - j).
Proof. by have := horner_sum N.+1 N x t s 0 0; rewrite bin0 expn0 mul0n add0n. Qed.

Lemma upper_tail_eq N x t d : 0 < d -> t <= d ->
  upper_tail N x (t%:R / d%:R)%R = ((horner N.+1 N x t (d - t) 0 1 1 0)%:R / (d ^ N)%:R)%R.
Proof.
move=> d_gt0 td; have d_neq0 : (d%:R != 0 :> rat)%R by rewrite pnatr_eq0 -lt0n.
rewrite horner_tail /upper_tail natr_sum mulr_suml; apply: eq_bigr => i _.
have -> : (1 - t%:R / d%:R = (d - t)%:R / d%:R :> rat)%R.
  by rewrite natrB // mulrBl divff.
have iN : (i <= N)%N by rewrite -ltnS.
rewrite !natrM !natrX !expr_div_n -!mulrA; congr (_ * (_ * _))%R.
by rewrite mulrCA -invfM -exprD subnKC.
Qed.

(** ** The theorems *)

Theorem tail_at_mostP V x t d b e :
  BinTail.tail_at_most V x t d b e <->
  (t <= Npos d)%num /\
  (upper_tail (N.to_nat V) (N.to_nat x) (fraction t d) <= fraction b e)%R.
Proof.
have d_gt0 : 0 < Pos.to_nat d by apply/ssrnat.ltP/Pos2Nat.is_pos.
have e_gt0 : 0 < Pos.to_nat e by apply/ssrnat.ltP/Pos2Nat.is_pos.
have le_iff : (t <= Npos d)%num <-> N.to_nat t <= Pos.to_nat d.
  by rewrite -N.leb_le lebE.
rewrite le_iff /BinTail.tail_at_most !binE hornerE !binE /=.
have [td | ] := boolP (N.to_nat t <= Pos.to_nat d); last by split=> // -[].
rewrite /fraction upper_tail_eq // ler_pdivr_mulr ?ltr0n ?expn_gt0 ?d_gt0 //.
rewrite mulrAC ler_pdivl_mulr ?ltr0n // -!natrM ler_nat.
by split=> [|[]].
Qed.

Lemma lower_testP V x t d b e :
  BinTail.lower_test V x t d b e <->
  lower_is (N.to_nat V) (N.to_nat x) (Pos.to_nat d) (fraction b e) (N.to_nat t).
Proof.
have d_gt0 : 0 < Pos.to_nat d by apply/ssrnat.ltP/Pos2Nat.is_pos.
have d_pos : (0 < (Pos.to_nat d)%:R :> rat)%R by rewrite ltr0n.
have le_iff y : (y <= Npos d)%num <-> N.to_nat y <= Pos.to_nat d.
  by rewrite -N.leb_le lebE.
rewrite /BinTail.lower_test /lower_is !binE /=; case: ifP => _; first by split=> /eqP.
split.
  case/andP=> /tail_at_mostP[/le_iff td ok] last; split=> // u ud oku.
  rewrite leqNgt; apply/negP=> tu; case/orP: last => [/eqP eq_d | /negP].
    by rewrite eq_d ltnNge ud in tu.
  case; apply/tail_at_mostP; rewrite le_iff /fraction succE; split; first exact: leq_trans tu ud.
  apply: le_trans oku; apply: upper_tail_mono.
  - by rewrite divr_ge0 ?ler0n.
  - by rewrite ler_pmul2r ?invr_gt0 // ler_nat.
  - by rewrite ler_pdivr_mulr // mul1r ler_nat.
case=> td ok top; apply/andP; split; first by apply/tail_at_mostP; rewrite le_iff.
have [//|neq /=] := eqVneq (N.to_nat t) (Pos.to_nat d).
apply/negP=> /tail_at_mostP[/le_iff]; rewrite /fraction succE => td1 ok1.
by have := top _ td1 ok1; rewrite ltnn.
Qed.

Theorem lower_sound V x t d b e :
  BinTail.lower_test V x t d b e = true ->
  lower_is (N.to_nat V) (N.to_nat x) (Pos.to_nat d) (fraction b e) (N.to_nat t).
Proof. by move/lower_testP. Qed.

Theorem lower_complete V x t d b e :
  lower_is (N.to_nat V) (N.to_nat x) (Pos.to_nat d) (fraction b e) (N.to_nat t) ->
  BinTail.lower_test V x t d b e = true.
Proof. by move/lower_testP. Qed.
