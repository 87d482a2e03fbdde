(** Two bounds that exclude each other are a sign test: where the lower bound of one count is
    above the upper bound of another, a fair coin would rarely give that many of their common
    votes. So [simuem] needs no test of its own against a wrong label. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Confidence Cohen Tails Sign Canonical Trials Edge.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** Binomial coefficients rise up to the middle. *)
Lemma bin_rises M i j : (i <= j)%N -> (i + j <= M)%N -> ('C(M, i) <= 'C(M, j))%N.
Proof.
move=> /subnK <-; move: (j - i)%N => e; elim: e i => [|e IH] i; first by rewrite add0n.
rewrite leq_eqVlt => /orP [/eqP <-|lt].
  by rewrite -(bin_sub (leq_addr (e.+1 + i) i)) addKn.
apply: (@leq_trans 'C(M, i.+1)); last first.
  by rewrite addSnnS; apply: IH; move: lt; nat_lia.
rewrite -(leq_pmul2l (m := i.+1)) // mul_bin_left leq_pmul2r; first by move: lt; nat_lia.
by rewrite bin_gt0; move: lt; nat_lia.
Qed.

(** At equal distances from the middle they are equal; the larger index wins beyond. *)
Lemma bin_beyond M i j : (i <= j)%N -> (M <= i + j)%N -> ('C(M, j) <= 'C(M, i))%N.
Proof.
move=> ij le_M; have [lt|jM] := ltnP M j; first by rewrite bin_small.
rewrite -(bin_sub jM); apply: bin_rises; first by rewrite leq_subLR addnC.
by rewrite -[X in (_ <= X)%N](subnK jM) leq_add2l.
Qed.

(** The mean of [g M], where each of V votes is one of the M with probability [s]. *)
Section Thinned.
Variable s : rat.
Hypotheses (s_ge0 : 0 <= s) (s_le1 : s <= 1).

Fixpoint thinned (V : nat) (g : nat -> rat) : rat :=
  if V is W.+1 then s * thinned W (fun M => g M.+1) + (1 - s) * thinned W g else g 0%N.

Lemma eq_thinned V g h : g =1 h -> thinned V g = thinned V h.
Proof.
elim: V g h => [|V IH] g h gh /=; first exact: gh.
by rewrite (IH _ _ gh) (IH _ (fun M => h M.+1)) // => M; apply: gh.
Qed.

Lemma thinned_sum V u g h :
  thinned V (fun M => u * (g M + h M)) = u * (thinned V g + thinned V h).
Proof. by elim: V g h => [|V IH] g h //=; rewrite !IH; rat_ring. Qed.

Lemma thinned_rest V g h : thinned V (fun M => g M + (1 - h M)) = thinned V g + (1 - thinned V h).
Proof. by elim: V g h => [|V IH] g h //=; rewrite !IH; rat_ring. Qed.

Lemma thinned_ge V a g : (forall M, a <= g M) -> a <= thinned V g.
Proof.
elim: V g => [|V IH] g le_g /=; first exact: le_g.
have -> : a = s * a + (1 - s) * a by rewrite -mulrDl addrC subrK mul1r.
by apply: ler_add; apply: ler_wpmul2l; rewrite ?subr_ge0 //; apply: IH => // M; apply: le_g.
Qed.

End Thinned.

(** One half is a variable: with a numeral [done] would compute. *)
Section Half.
Variables (h : rat) (h_ge0 : 0 <= h) (two_h : h + h = 1).

Let one_sub_h : 1 - h = h. Proof. by rewrite -two_h addrK. Qed.

(** Each of V votes goes to two labels of probability [q] with [2 q], and then to the first
    with one half. *)
Lemma tail_thinned V x q : upper_tail V x q = thinned (q + q) V (fun M => upper_tail M x h).
Proof.
elim: V x => [|V IH] x.
  by rewrite /= /upper_tail big_mkcond [RHS]big_mkcond !big_ord1 /= !expr0.
rewrite upper_tailS !IH [RHS]/=.
rewrite (@eq_thinned _ V (fun M => upper_tail M.+1 x h)
  (fun M => h * (upper_tail M x.-1 h + upper_tail M x h))); last first.
  by move=> M; rewrite upper_tailS one_sub_h mulrDr.
rewrite thinned_sum mulrA (_ : (q + q) * h = q); last by rewrite mulrDl -mulrDr two_h mulr1.
by move: (thinned _ _ _) (thinned _ _ _) => u w; rat_ring.
Qed.

Lemma tail_next M x : upper_tail M x h = ('C(M, x))%:R * h ^+ M + upper_tail M x.+1 h.
Proof.
rewrite /upper_tail; have [lt|xM] := ltnP M x.
  rewrite bin_small // mul0r add0r !big_pred0 // => i; apply/negbTE; rewrite -ltnNge.
    by apply: leq_trans (ltn_ord i) _; rewrite ltnS ltnW.
  by apply: leq_trans (ltn_ord i) _.
have lt : (x < M.+1)%N by [].
rewrite (bigD1 (Ordinal lt)) //= one_sub_h -mulrA -exprD subnKC //; congr (_ + _).
by apply: eq_bigl => i; rewrite -val_eqE /= [(x < i)%N]ltn_neqAle andbC eq_sym.
Qed.

(** One vote more in common: Pr(X >= x) + Pr(X <= y) for X fair among M falls until there are
    x + y of them, and rises from there. *)
Let H x y M : rat := upper_tail M x h + (1 - upper_tail M y.+1 h).

Lemma H_step x y M : H x.+1 y M.+1 - H x.+1 y M = h * h ^+ M * (('C(M, x))%:R - ('C(M, y))%:R).
Proof.
rewrite /H !upper_tailS [x.+1.-1]/= [y.+1.-1]/= (tail_next M x) (tail_next M y) one_sub_h.
move: ('C(M, x)%:R) ('C(M, y)%:R) (h ^+ M) (upper_tail _ _ _) (upper_tail _ _ _) => u w z b a.
have half v : v - h * v = h * v by rewrite -[X in X - _]mul1r -mulrBl one_sub_h.
have -> : h * (u * z + a) + h * a + (1 - (h * (w * z + b) + h * b)) - (a + (1 - b)) =
  h * z * (u - w) + (b - h * b - h * b) - (a - h * a - h * a) by rat_ring.
by rewrite !half !subrr addr0 subr0.
Qed.

Lemma H_least x y M : (y <= x)%N -> H x.+1 y (x.+1 + y) <= H x.+1 y M.
Proof.
move=> yx; have w_ge0 L : 0 <= h * h ^+ L by rewrite mulr_ge0 ?exprn_ge0.
have [le|/ltnW le] := leqP (x.+1 + y) M.
  rewrite -(subnK le); elim: (M - _)%N => [|e IH]; first by rewrite add0n.
  apply: le_trans IH _; rewrite addSn -subr_ge0 H_step mulr_ge0 // subr_ge0 ler_nat.
  have le_M : (y + x <= e + (x.+1 + y))%N by rewrite addSn addnS [(y + x)%N]addnC leqW // leq_addl.
  exact: bin_rises yx le_M.
have {le} [e eM] : exists e, (M + e = x.+1 + y)%N by exists (x.+1 + y - M)%N; rewrite subnKC.
elim: e M eM => [|e IH] M; first by rewrite addn0 => ->.
move=> eM; apply: (@le_trans _ _ (H x.+1 y M.+1)); first by apply: IH; rewrite addSnnS.
rewrite -subr_le0 H_step pmulr_rle0 ?subr_le0 ?ler_nat.
  by apply: bin_beyond => //; move: eM; nat_lia.
by rewrite -exprS exprn_gt0 // lt_neqAle h_ge0 andbT; apply/eqP => h0; move: two_h; rewrite -h0 addr0 => /eqP; rewrite eq_sym oner_eq0.
Qed.

(** The two tails at [q] are no less than the two of the fair coin. *)
Lemma tails_ge V x y q : 0 <= q -> q + q <= 1 -> (y < x)%N ->
  upper_tail (x + y) x h + upper_tail (x + y) x h <=
  upper_tail V x q + (1 - upper_tail V y.+1 q).
Proof.
case: x => // x q_ge0 q_le yx; rewrite !(tail_thinned V) -thinned_rest.
apply: thinned_ge => //; first by rewrite addr_ge0.
move=> M; apply: (@le_trans _ _ (H x.+1 y (x.+1 + y))); last exact: H_least.
rewrite /H ler_add2l.
by have := tail_rest h (leq_addl x.+1 y); rewrite addnK one_sub_h => <-.
Qed.

End Half.

Lemma halves (x y : rat) : x + x <= y + y -> x <= y.
Proof. by rewrite -!mulr2n ler_pmuln2r. Qed.

(** Bounds at a level below one half. *)
Lemma apart_rare V d b x y : (0 < d)%N -> 2 * b < 1 -> (x + y <= V)%N ->
  1 - low V d b (V - y) < low V d b x -> rare_at b (x + y) x.
Proof.
move=> d_gt0 b_half le_V; set q := 1 - _ => lt_q; rewrite /rare_at.
have yV : (y <= V)%N by apply: leq_trans le_V; rewrite leq_addl.
have q_ge0 : 0 <= q by rewrite subr_ge0 low_le1.
have [low1 tail_low] := low_sound d_gt0 (le_lt_trans q_ge0 lt_q).
have tail_x : upper_tail V x q <= b.
  by apply: le_trans tail_low; apply: upper_tail_mono => //; apply: ltW.
have tail_y : 1 - upper_tail V y.+1 q <= b.
  have pos : 0 < low V d b (V - y).
    by have := lt_le_trans lt_q low1; rewrite /q ltr_subl_addl ltr_addr.
  have [_] := low_sound d_gt0 pos.
  by rewrite -[X in upper_tail _ _ X](subKr 1) -/q tail_rest.
have two_b : 2 * b = b + b by rewrite mulr_natl mulr2n.
have q_le1 : q <= 1 := ltW (lt_le_trans lt_q low1).
have yx : (y < x)%N.
  rewrite ltnNge; apply/negP => xy; move: b_half; rewrite ltNge; case/negP; rewrite two_b.
  apply: le_trans (ler_add tail_x tail_y).
  rewrite addrCA ler_addl subr_ge0; apply: upper_tail_anti; first by rewrite q_ge0.
  exact: leqW.
have half_ge0 : 0 <= 1 / 2 :> rat by [].
have half2 : 1 / 2 + 1 / 2 = 1 :> rat by apply/eqP.
have [le_half|gt_half] := lerP (1 / 2) q.
  apply: le_trans tail_x; apply: le_trans (upper_tail_mono V x half_ge0 le_half q_le1).
  by apply: upper_tail_more.
have q_half : q + q <= 1 by rewrite -half2; apply: ler_add; apply: ltW.
have := le_trans (tails_ge half_ge0 half2 V q_ge0 q_half yx) (ler_add tail_x tail_y).
exact: halves.
Qed.
