(** The canonical bounds of a count on the grid of 1 / d, as one function of the count, and
    their levels for N independent votes. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Confidence Cohen Tails Votes.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** * Clopper-Pearson's lower bound *)
Section Low.
Variables (N d : nat) (b : rat).
Hypothesis d_gt0 : (0 < d)%N.

Definition ok (y : nat) (t : 'I_d.+1) : bool := upper_tail N y (t%:R / d%:R) <= b.
Definition low_t (y : nat) : nat := \max_(t < d.+1 | ok y t) t.
Definition low (y : nat) : rat := (low_t y)%:R / d%:R.

Lemma d_pos : 0 < d%:R :> rat. Proof. by rewrite ltr0n. Qed.

Lemma low_ge0 y : 0 <= low y. Proof. by rewrite divr_ge0 ?ler0n. Qed.

Lemma low_t_le y : (low_t y <= d)%N.
Proof. by apply/bigmax_leqP => t _; rewrite -ltnS ltn_ord. Qed.

Lemma low_t_ge y (t : nat) : (t <= d)%N -> upper_tail N y (t%:R / d%:R) <= b -> (t <= low_t y)%N.
Proof.
rewrite -ltnS => td okt.
exact: (leq_bigmax_cond (P := ok y) (F := fun t : 'I_d.+1 => t : nat) (Ordinal td)).
Qed.

Lemma low_t_tail y : (0 < low_t y)%N -> upper_tail N y ((low_t y)%:R / d%:R) <= b.
Proof.
rewrite /low_t; have [/existsP [t okt]|/existsPn none] := boolP [exists t, ok y t]; last first.
  by rewrite big_pred0 // => t; apply/negbTE.
move=> _; have [u oku ->] : {u | ok y u & \max_(t < d.+1 | ok y t) t = u}%N.
  by apply: eq_bigmax_cond; apply/card_gt0P; exists t.
by [].
Qed.

Lemma low_t_mono y z : (y <= z)%N -> (low_t y <= low_t z)%N.
Proof.
move=> yz; have [->//|y_gt0] := posnP (low_t y); apply: low_t_ge (low_t_le y) _.
apply: le_trans (low_t_tail y_gt0); apply: (upper_tail_anti _ _ yz); rewrite divr_ge0 ?ler0n //=.
by rewrite ler_pdivr_mulr ?d_pos // mul1r ler_nat low_t_le.
Qed.

(** Pr (Bin (N, q) >= 0) is 1: no votes, no bound. *)
Lemma low_t0 : b < 1 -> low_t 0 = 0%N.
Proof.
move=> b_lt1; apply/eqP; rewrite -leqn0 leqNgt; apply/negP => /low_t_tail.
have [p [p0 p1]] : exists p : 'I_2 -> rat, p ord0 = (low_t 0)%:R / d%:R /\ \sum_j p j = 1.
  exists (fun j => if j == ord0 then (low_t 0)%:R / d%:R else 1 - (low_t 0)%:R / d%:R).
  by split=> //; rewrite big_ord_recl big_ord1 /= addrC subrK.
rewrite -p0 -(count_binomial N p1) /Pr (eq_bigl xpredT) ?weight_sum //.
by rewrite leNgt b_lt1.
Qed.

(** At one vote or more it is the bound that [Tails.lower_is] defines. *)
Lemma lower_isP y t : b < 1 -> 0 <= b -> lower_is N y d b t <-> t = low_t y.
Proof.
move=> b_lt1 b_ge0; rewrite /lower_is; case: eqP => [->|/eqP y0]; first by rewrite low_t0.
have some : upper_tail N y ((low_t y)%:R / d%:R) <= b.
  have [z|/low_t_tail //] := posnP (low_t y); rewrite z mul0r.
  rewrite /upper_tail big1 // => i le_i.
  have i_gt0 : (0 < i)%N by apply: leq_trans le_i; rewrite lt0n.
  by rewrite expr0n (gtn_eqF i_gt0) mulr0 mul0r.
split=> [[td okt top]|->]; last by split; [exact: low_t_le| |move=> u; apply: low_t_ge].
by apply/eqP; rewrite eqn_leq low_t_ge // top // low_t_le.
Qed.

Lemma low_le1 y : low y <= 1.
Proof. by rewrite ler_pdivr_mulr ?d_pos // mul1r ler_nat low_t_le. Qed.

Lemma low_sound y : 0 < low y -> low y <= 1 /\ upper_tail N y (low y) <= b.
Proof.
rewrite /low => low_gt0; split; first exact: low_le1.
by apply: low_t_tail; move: low_gt0; rewrite ltr_pdivl_mulr ?d_pos // mul0r ltr0n.
Qed.

Lemma low_ge y (t : nat) : (t <= d)%N -> upper_tail N y (t%:R / d%:R) <= b -> t%:R / d%:R <= low y.
Proof. by move=> td okt; rewrite ler_pmul2r ?invr_gt0 ?d_pos // ler_nat low_t_ge. Qed.

Lemma low_mono y z : (y <= z)%N -> low y <= low z.
Proof. by move=> yz; rewrite ler_pmul2r ?invr_gt0 ?d_pos // ler_nat low_t_mono. Qed.

(** Property S(N, b): two counts whose bounds are apart stay so when both lose a vote,
    here as a finite check of the N + 1 bounds, where [z] stands for N - y - 1. *)
Definition separated : bool :=
  [forall x : 'I_N.+1, forall z : 'I_N.+1,
    [&& (0 < x)%N, (x <= z)%N, (z < N)%N & (d < low_t x + low_t z)%N] ==>
      (d < low_t x.-1 + low_t z.+1)%N].

(** As it is used: from [lower x > upper (y + 1)], [lower (x - 1) > upper y]. *)
Lemma separatedP : b < 1 -> separated -> forall x y, (x + y.+1 <= N)%N ->
  1 - low (N - y.+1) < low x -> 1 - low (N - y) < low x.-1.
Proof.
move=> b_lt1 /forallP sep x y le_xy; have d_gt := d_pos.
have apart u w : (1 - low u < low w) = (d < low_t w + low_t u)%N.
  rewrite ltr_subl_addr /low -mulrDl ltr_pdivl_mulr // mul1r -natrD ltr_nat.
  by [].
rewrite !apart => lt; have x_gt0 : (0 < x)%N.
  by rewrite lt0n; apply/eqP => x0; move: lt; rewrite x0 low_t0 // ltnNge low_t_le.
have yN : (y < N)%N by apply: leq_trans le_xy; rewrite leq_addl.
have xN : (x < N.+1)%N by rewrite ltnS (leq_trans _ le_xy) // leq_addr.
have zN : (N - y.+1 < N.+1)%N by rewrite ltnS leq_subr.
have := forallP (sep (Ordinal xN)) (Ordinal zN) => /= /implyP; rewrite subnSK //; apply.
rewrite x_gt0 lt andbT leq_subRL // addnC le_xy /=.
by rewrite leq_subr.
Qed.

End Low.

(** * The upper bounds' level *)
Section Upper.
Variables (c N : nat) (p : 'I_c -> rat).
Hypothesis p_ge0 : forall j, 0 <= p j.
Hypothesis p_sum : \sum_j p j = 1.

Lemma p_le1 j : p j <= 1.
Proof. by rewrite -p_sum (bigD1 j) //= ler_addl; apply: sumr_ge0. Qed.

Lemma few_votes (j : 'I_c) (y : nat) : (y <= N)%N ->
  Pr (weight (N := N) p) (fun v => y <= N - count v j)%N = upper_tail N y (1 - p j).
Proof.
move=> yN; have one : upper_tail N 0 (p j) = 1.
  by rewrite -(count_binomial N p_sum) /Pr (eq_bigl xpredT) ?weight_sum // => v; rewrite leq0n.
have -> : upper_tail N y (1 - p j) = 1 - upper_tail N (N - y).+1 (p j).
  rewrite -{1}(subKn yN) -lower_tail_mirror ?leq_subr // -[X in _ = X - _]one.
  rewrite /upper_tail [X in _ = X - _](bigID (fun i : 'I_N.+1 => (i <= N - y)%N)) /=.
  rewrite [X in _ = X + _ - _](eq_bigl (fun i : 'I_N.+1 => (i <= N - y)%N)) //.
  by rewrite [X in _ = _ + X - _](eq_bigl (fun i : 'I_N.+1 => (N - y < i)%N)) ?addrK // => i; rewrite -ltnNge.
rewrite -(count_binomial N p_sum) -(weight_sum N p_sum) /Pr.
rewrite [X in X - _](bigID (fun v : votes c N => y <= N - count v j)%N) /=.
rewrite [X in _ + X - _](eq_bigl (fun v : votes c N => (N - y < count v j)%N)) ?addrK // => v.
have le_v := count_le v j; rewrite -ltnNge.
by rewrite ltn_subLR // addnC -ltn_subLR // ltnS.
Qed.

Lemma upper_level (low : nat -> rat) (b : rat) (j : 'I_c) : 0 <= b ->
  (forall y, (y <= N)%N -> 1 - p j < low y -> low y <= 1 /\ upper_tail N y (low y) <= b) ->
  Pr (weight (N := N) p) (fun v => 1 - low (N - count v j)%N < p j) <= b.
Proof.
move=> b_ge0 level; have w0 := weight_ge0 (N := N) p_ge0.
have [/existsP [y0 lt_y0]|/existsPn none] := boolP [exists y : 'I_N.+1, 1 - p j < low y].
  have ex_y : exists y, (y <= N)%N && (1 - p j < low y) by exists y0; rewrite lt_y0 -ltnS ltn_ord.
  case: (ex_minnP ex_y) => y /andP [le_yN lt_y] min_y; have [low_le1 tail] := level y le_yN lt_y.
  have q_ge0 : 0 <= 1 - p j by rewrite subr_ge0 p_le1.
  apply: le_trans tail; apply: le_trans (upper_tail_mono _ _ q_ge0 (ltW lt_y) low_le1).
  rewrite -few_votes //; apply: Pr_le w0 _ _ _ => v lt_v.
  by apply: min_y; rewrite leq_subr ltr_subl_addr addrC -ltr_subl_addr.
rewrite /Pr big_pred0 // => v; apply/negbTE.
have := none (inord (N - count v j)); rewrite inordK ?ltnS ?leq_subr //.
by rewrite ltr_subl_addr addrC -ltr_subl_addr.
Qed.

End Upper.
