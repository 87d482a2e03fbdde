(** The program of Rows.v accepts the true rows, and no others: [acceptsP]. *)
From Coq Require Import PArith NArith Lia.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Confidence Cohen Claims Checker Checked Tails Sign Canonical Rows.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Notation subNE := Checker.subE.
Local Open Scope ring_scope.

Lemma maxE x y : N.to_nat (N.max x y) = maxn (N.to_nat x) (N.to_nat y).
Proof.
have := ltbE x y; rewrite /N.max.
case: N.compare_spec => [->|/N.ltb_spec0 ->|lt]; first by rewrite maxnn.
  by move=> /esym/ltnW/maxn_idPr ->.
have -> : (x <? y)%num = false by apply/N.ltb_spec0; lia.
by move=> /esym/negbT; rewrite -leqNgt => /maxn_idPl ->.
Qed.

Lemma mostE xs : N.to_nat (BinRow.largest xs) = most (map N.to_nat xs).
Proof. by elim: xs => //= x xs <-; rewrite maxE. Qed.

Lemma placeE x xs : N.to_nat (BinRow.place x xs) = index (N.to_nat x) (map N.to_nat xs).
Proof.
elim: xs => //= y xs IH; rewrite eqbE; case: eqP => // _.
by rewrite succE IH.
Qed.

Lemma othersE i xs : map N.to_nat (BinRow.others i xs) =
  take (N.to_nat i) (map N.to_nat xs) ++ drop (N.to_nat i).+1 (map N.to_nat xs).
Proof.
elim: xs i => //= x xs IH i; rewrite eqbE.
case: eqP => [->|/eqP i_neq0]; first by rewrite /= ?drop0.
rewrite /= IH predE -[in RHS](@prednK (N.to_nat i)) ?lt0n //.
Qed.

Lemma atleast1E x : (0 < N.to_nat x)%N -> Pos.to_nat (BinRow.atleast1 x) = N.to_nat x.
Proof. 
rewrite -[X in (0 < X)%N]/(N.to_nat x) => x_gt0; rewrite -[LHS]/(N.to_nat (Npos _)).
by rewrite /BinRow.atleast1 N.succ_pos_spec succE predE prednK. Qed.

Lemma size_bound p : (Pos.to_nat p < 2 ^ Pos.size_nat p)%N.
Proof.
elim: p => //= p IH; rewrite expnS ?Pos2Nat.inj_xI ?Pos2Nat.inj_xO ?multE.
  by move: (Pos.to_nat p) (2 ^ _)%N IH => x y IH; nat_lia.
by rewrite ltn_pmul2l.
Qed.

(** With numerals kept abstract, for speed. *)
Lemma all_but_one (m : nat) (a : rat) : (0 < m)%N -> (m.-1)%:R * a / m%:R = a - a / m%:R.
Proof.
move=> m_gt0; have m_neq0 : m%:R != 0 :> rat by rewrite pnatr_eq0 -lt0n.
have -> : (m.-1)%:R = m%:R - 1 :> rat by rewrite -subn1 natrB.
by rewrite mulrBl mul1r mulrBl mulrAC divff ?mul1r.
Qed.

Lemma halved_but_one (m q : nat) (a : rat) : (0 < m)%N -> q%:R != 0 :> rat ->
  (m.-1)%:R * a / (m * 2)%:R = (a - q%:R * (a / (m * q)%:R)) / 2.
Proof.
move=> m_gt0 q_neq0; have -> : q%:R * (a / (m * q)%:R) = a / m%:R.
  by rewrite natrM invfM mulrC -!mulrA mulVf ?mulr1.
by rewrite -all_but_one // natrM invfM !mulrA.
Qed.

Section Decides.
Variable h : header.
Let c := N.to_nat (h_classes h).
Let V := N.to_nat (h_models h).
Let d := Pos.to_nat (h_grid h).

Lemma header_okP : BinRow.header_ok h <-> in_range h.
Proof.
have den_gt0 : 0 < (Pos.to_nat (h_den h))%:R :> rat by rewrite ltr0n; apply/ssrnat.ltP/Pos2Nat.is_pos.
rewrite /BinRow.header_ok /in_range !binE /= /fraction.
rewrite ltr_pdivl_mulr // mul0r ltr0n ltr_pdivr_mulr // mul1r ltr_nat.
by split=> [/and4P[e_gt0 c_gt1 num lt]|[e_gt0 c_gt1 /andP[num lt]]]; [split; rewrite // num lt | apply/and4P].
Qed.

Hypothesis ok : in_range h.

Let c_gt1 : (1 < c)%N. Proof. by case: ok. Qed.
Let e_gt0 : (0 < N.to_nat (h_examples h))%N. Proof. by case: ok. Qed.
Let alpha_gt0 : 0 < fraction (h_num h) (h_den h). Proof. by case: ok => _ _ /andP[]. Qed.
Let alpha_lt1 : fraction (h_num h) (h_den h) < 1. Proof. by case: ok => _ _ /andP[]. Qed.

Lemma level_unit : 0 < row_level h < 1.
Proof.
rewrite /row_level; case: (h_scope h) => /=; last by rewrite alpha_gt0.
have e_pos : 0 < (N.to_nat (h_examples h))%:R :> rat by rewrite ltr0n.
rewrite divr_gt0 //= ltr_pdivr_mulr // mul1r; apply: lt_le_trans alpha_lt1 _.
by rewrite ler1n.
Qed.

Lemma half_lt1 (x : rat) : 0 < x -> x < 1 -> 0 < x / 2 < 1 / 2.
Proof. by move=> x0 x1; rewrite divr_gt0 //= ltr_pmul2r ?invr_gt0. Qed.

Lemma sign_unit : 0 < test_level c (row_level h) /\ (c.-1)%:R * test_level c (row_level h) < row_level h.
Proof.
have /andP [a_gt0 a_lt1] := level_unit.
have c1_gt0 : (0 < c.-1)%N by rewrite -ltnS (ltn_predK c_gt1).
rewrite /test_level divr_gt0 ?ltr0n ?muln_gt0 //; split=> //.
rewrite mulrCA gtr_pmulr // natrM invfM mulrCA divff ?mulr1 ?pnatr_eq0 -?lt0n //.
Qed.

(** Each bound's level is below one half where two labels' bounds could both fail. *)
Lemma beta_unit : 0 < beta h < 1.
Proof.
have /andP [a_gt0 a_lt1] := level_unit; have [s_gt0 s_lt] := sign_unit.
have c_pos : 0 < c%:R :> rat by rewrite ltr0n ltnW.
rewrite /beta -/c; case: (h_method h) => /=.
- rewrite divr_gt0 //= ltr_pdivr_mulr // mul1r (lt_le_trans a_lt1) // ler1n ltnW //.
- by have /andP [-> /lt_trans -> //] := half_lt1 a_gt0 a_lt1.
- have le_a : row_level h - test_level c (row_level h) <= row_level h by rewrite ger_addl oppr_le0 ltW.
  case: eqP => [c2|_].
    by rewrite subr_gt0 (le_lt_trans le_a a_lt1) andbT; move: s_lt; rewrite c2 mul1r.
  have lo : 0 < row_level h - (c.-1)%:R * test_level c (row_level h) by rewrite subr_gt0.
  have hi : row_level h - (c.-1)%:R * test_level c (row_level h) < 1.
    by apply: le_lt_trans a_lt1; rewrite ger_addl oppr_le0 mulr_ge0 ?ler0n // ltW.
  by have /andP [-> /lt_trans -> //] := half_lt1 lo hi.
Qed.

(** The program's fractions are these levels. *)
Lemma shares_level : fraction (h_num h) (h_den h * BinRow.shares h) = row_level h.
Proof.
rewrite /row_level /fraction /BinRow.shares; case: (h_scope h) => /=; last by rewrite Pos.mul_1_r.
by rewrite Pos2Nat.inj_mul multE natrM invfM mulrA atleast1E.
Qed.

Lemma fraction_share (x : N) (p q : positive) : fraction x (p * q) = fraction x p / (Pos.to_nat q)%:R.
Proof. by rewrite /fraction Pos2Nat.inj_mul multE natrM invfM mulrA. Qed.

Lemma sign_fraction : fraction (h_num h) (BinRow.sign_den h) = test_level c (row_level h).
Proof.
rewrite /BinRow.sign_den fraction_share shares_level /test_level Pos2Nat.inj_mul multE.
by rewrite atleast1E predE // -/c -ltnS (ltn_predK c_gt1).
Qed.

Lemma bound_fraction : fraction (BinRow.bound_num h) (BinRow.bound_den h) = beta h.
Proof.
rewrite /beta /BinRow.bound_den /BinRow.bound_num; case: (h_method h); rewrite fraction_share /=.
- by rewrite shares_level atleast1E // ltnW.
- by rewrite shares_level.
- have c1 : (c.-1)%:R != 0 :> rat by rewrite pnatr_eq0 -lt0n -ltnS (ltn_predK c_gt1).
  have -> x p : fraction (99 * x) p = (N.to_nat 99)%:R * fraction x p.
    by rewrite /fraction mulE natrM mulrA.
  rewrite shares_level /test_level eqbE -/c; case: eqP => c2.
    rewrite c2 muln1; exact: (@all_but_one 100 (row_level h) isT).
  exact: (@halved_but_one 100 c.-1 (row_level h) isT c1).
Qed.

Lemma boundsP x t : (0 < N.to_nat t)%N ->
  BinRow.bounds h x t = (N.to_nat t <= low_t V d (beta h) (N.to_nat x))%N.
Proof.
have d_gt0 : (0 < d)%N by apply/ssrnat.ltP/Pos2Nat.is_pos.
move=> t_gt0; apply/idP/idP => [/tail_at_mostP [td]|le_t].
  rewrite bound_fraction -/V; apply: low_t_ge.
  by move/N.leb_spec0: td; rewrite lebE.
have le_d := leq_trans le_t (low_t_le V d (beta h) (N.to_nat x)).
apply/tail_at_mostP; split; first by apply/N.leb_spec0; rewrite lebE.
have tail := low_t_tail (leq_trans t_gt0 le_t).
rewrite bound_fraction -/V; apply: le_trans tail.
have d_pos : 0 < d%:R :> rat by rewrite ltr0n.
apply: upper_tail_mono; rewrite ?divr_ge0 ?ler0n //.
- by rewrite ler_pmul2r ?invr_gt0 // ler_nat.
- by rewrite ler_pdivr_mulr // mul1r ler_nat low_t_le.
Qed.

Lemma seekP fuel x lo hi :
  (N.to_nat lo <= low_t V d (beta h) (N.to_nat x) < N.to_nat hi)%N ->
  (N.to_nat hi <= N.to_nat lo + 2 ^ fuel)%N ->
  N.to_nat (BinRow.seek h fuel x lo hi) = low_t V d (beta h) (N.to_nat x).
Proof.
elim: fuel lo hi => [|fuel IH] lo hi /andP [le_lo lt_hi] near /=.
  apply/eqP; rewrite eqn_leq le_lo /= -ltnS; apply: leq_trans lt_hi _.
  by rewrite -addn1.
rewrite lebE succE; case: leqP => [close|far].
  by apply/eqP; rewrite eqn_leq le_lo /= -ltnS; apply: leq_trans lt_hi close.
have mid : N.to_nat ((lo + hi) / 2) = ((N.to_nat lo + N.to_nat hi) %/ 2)%N by rewrite !binE.
have lo_mid : (N.to_nat lo < N.to_nat ((lo + hi) / 2))%N.
  by rewrite mid leq_divRL // mulSn mulnC mul2n -addnn; nat_lia.
have near_mid : (N.to_nat ((lo + hi) / 2) <= N.to_nat lo + 2 ^ fuel)%N.
  rewrite mid -ltnS ltn_divLR //; move: near; rewrite expnS.
  by move: (2 ^ fuel)%N => y; nat_lia.
have mid_near : (N.to_nat hi <= N.to_nat ((lo + hi) / 2) + 2 ^ fuel)%N.
  rewrite addnC -leq_subLR; move: near; rewrite expnS mid leq_divRL //.
  by move: (2 ^ fuel)%N => y; nat_lia.
rewrite boundsP; last exact: leq_ltn_trans lo_mid.
case: leqP => split_at; apply: IH => //; first by rewrite split_at.
by rewrite le_lo.
Qed.

Lemma findP x : N.to_nat (BinRow.find h x) = low_t V d (beta h) (N.to_nat x).
Proof.
have d_gt0 : (0 < d)%N by apply/ssrnat.ltP/Pos2Nat.is_pos.
apply: seekP; rewrite succE; first by rewrite ltnS low_t_le.
exact: size_bound.
Qed.

Lemma lower_testE x t : BinTail.lower_test (h_models h) x t (h_grid h) (BinRow.bound_num h)
    (BinRow.bound_den h) <-> N.to_nat t = low_t V d (beta h) (N.to_nat x).
Proof.
have d_gt0 : (0 < d)%N by apply/ssrnat.ltP/Pos2Nat.is_pos.
have /andP [b0 b1] := beta_unit.
by rewrite lower_testP bound_fraction; apply: lower_isP => //; apply: ltW.
Qed.

Lemma larger_testE x lo t : (N.to_nat lo <= d)%N ->
  BinRow.larger_test h x lo t <->
  N.to_nat t = maxn (N.to_nat lo) (low_t V d (beta h) (N.to_nat x)).
Proof.
have d_gt0 : (0 < d)%N by apply/ssrnat.ltP/Pos2Nat.is_pos.
move=> lo_d; rewrite /BinRow.larger_test eqbE; case: eqP => [->|neq].
  rewrite eqbE boundsP succE // -ltnNge ltnS; split=> [/orP [/eqP lo_eq|le]|max_eq].
  - by apply/esym/maxn_idPl; rewrite lo_eq low_t_le.
  - by apply/esym/maxn_idPl.
  - by apply/orP; right; rewrite [X in (_ <= X)%N]max_eq leq_maxr.
rewrite ltbE; split=> [/andP [lt /lower_testE eq_t]|max_eq].
  by rewrite -eq_t; apply/esym/maxn_idPr; apply: ltnW.
have lt : (N.to_nat lo < N.to_nat t)%N.
  by rewrite ltn_neqAle [X in (_ <= X)%N]max_eq leq_maxl andbT; apply/eqP => e; apply: neq.
rewrite lt; apply/lower_testE; rewrite max_eq; apply/maxn_idPr.
rewrite leqNgt; apply/negP => lt2; move: lt; rewrite max_eq (maxn_idPl (ltnW lt2)) ltnn //.
Qed.

Section Counts.
Variable xs : seq N.
Let ys := map N.to_nat xs.
Let top := BinRow.largest xs.
Let next := BinRow.largest (BinRow.others (BinRow.place top xs) xs).

Lemma placed : N.to_nat (BinRow.place top xs) = first_top ys.
Proof. by rewrite placeE mostE. Qed.

Lemma nextE : N.to_nat next = next_count ys.
Proof. by rewrite mostE othersE placed. Qed.

Lemma selectsE : BinRow.selects h top next = selects h ys.
Proof.
rewrite /BinRow.selects /selects; case: (h_method h) => //.
apply/idP/idP => [/tail_at_mostP [_]|rare].
  by rewrite sign_fraction addE mostE nextE.
by apply/tail_at_mostP; rewrite sign_fraction addE mostE nextE.
Qed.

Lemma judgeE lo up stated : N.to_nat lo = low_due h ys -> N.to_nat up = up_due h ys ->
  (BinRow.selects h top next && BinRow.judge h lo up stated) <-> claim_due h ys (claim_nat stated).
Proof.
move=> loE upE; rewrite selectsE /claim_due -loE -upE; split=> [/andP [-> /checker_sound]|[->]].
  by split.
exact: checker_complete.
Qed.

Theorem acceptsP r : BinRow.accepts h xs r <-> true_row h ys r.
Proof.
have d_gt0 : (0 < d)%N by apply/ssrnat.ltP/Pos2Nat.is_pos.
have abstains stated :
    let lo := BinRow.find h top in
    let up := (Npos (h_grid h) -
      (if h_method h is CohenM then lo else N.max lo (BinRow.find h (h_models h - next))))%num in
    BinRow.selects h top next && BinRow.judge h lo up stated <-> claim_due h ys (claim_nat stated).
  have loE : N.to_nat (BinRow.find h top) = low_due h ys by rewrite findP mostE.
  apply: judgeE => //; rewrite subNE /up_due; congr (_ - _)%N; rewrite /rest_due.
  by case: (h_method h); rewrite ?maxE ?loE // findP subNE nextE.
case: r => [l lo up rad w|[]]; rewrite /BinRow.accepts -/top -/next; last 3 first.
- by rewrite selectsE.
- exact: abstains.
- exact: abstains.
have lo_d : (low_due h ys <= d)%N by rewrite low_t_le.
have up_iff : N.to_nat lo = low_due h ys ->
    (up <=? Npos (h_grid h))%num &&
      BinRow.rest_test h (h_models h - next) lo (Npos (h_grid h) - up) <->
    N.to_nat up = up_due h ys.
  move=> loE; rewrite lebE /up_due.
  have s_d : (rest_due h ys <= d)%N by rewrite /rest_due; case: (h_method h); rewrite ?geq_max ?lo_d ?low_t_le.
  have iff_s : BinRow.rest_test h (h_models h - next) lo (Npos (h_grid h) - up) <->
       (d - N.to_nat up)%N = rest_due h ys.
    have := @larger_testE (h_models h - next) lo (Npos (h_grid h) - up).
    rewrite subNE (subNE (h_models h)) nextE loE => /(_ lo_d).
    rewrite /rest_due /BinRow.rest_test; case: (h_method h) => // _.
    by rewrite eqbE subNE loE; split=> /eqP.
  split=> [/andP [le_up /iff_s <-]|upE]; first by rewrite subKn.
  by rewrite upE leq_subr; apply/iff_s; rewrite upE subKn.
rewrite eqbE placed /=; split.
  case/and4P=> /eqP lE sel /lower_testE; rewrite mostE => loE.
  by rewrite andbA => /andP [/(up_iff loE) upE jdg]; split=> //; apply/(judgeE (Certified rad w) loE upE)/andP.
case=> lE loE upE due; have := (judgeE (Certified rad w) loE upE).2 due.
case/andP=> sel jdg; have /andP [up_d up_s] := (up_iff loE).2 upE.
by rewrite lE eqxx sel up_d up_s jdg /= andbT; apply/lower_testE; rewrite mostE.
Qed.

End Counts.
End Decides.
