(** One example of a file: its votes as the program counts them, the event that can make its
    row false, and the level of that event for each method. *)
From Coq Require Import PArith NArith.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Arith Counting Confidence Claims Checker Checked Guarantee Votes Sign.
From Bagcert Require Import Sampling Canonical Rows Decided Levels Simuem Separated.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** * Votes as the program counts them *)

Lemma most_ge xs x : x \in xs -> (x <= most xs)%N.
Proof.
elim: xs => //= y xs IH; rewrite inE leq_max => /orP [/eqP ->|/IH ->]; rewrite ?leqnn ?orbT //.
Qed.

Lemma most_in xs : (0 < size xs)%N -> most xs \in xs.
Proof.
elim: xs => //= x [_ _|y xs IH _]; first by rewrite /= maxn0 inE.
have {IH} := IH isT; move: (y :: xs) => ys in_ys; rewrite inE.
by case: (leqP x (most ys)) => _; rewrite ?in_ys ?orbT ?eqxx.
Qed.

Lemma next_count_ge xs (j : nat) : (j < size xs)%N -> j != first_top xs ->
  (nth 0%N xs j <= next_count xs)%N.
Proof.
move=> j_lt j_l; apply: most_ge; rewrite mem_cat; set l := first_top xs in j_l *.
case: (ltngtP j l) j_l => // lt _; apply/orP; [left|right].
  rewrite -(nth_take 0%N lt); apply: mem_nth; rewrite size_take.
  by case: ifP => // _; rewrite j_lt.
have -> : nth 0%N xs j = nth 0%N (drop l.+1 xs) (j - l.+1) by rewrite nth_drop subnKC.
by apply: mem_nth; rewrite size_drop ltn_sub2r // (leq_ltn_trans lt).
Qed.

(** What is false of a row: some data set within its radius changes the label that it states. *)
Definition false_row (h : header) X (A : learner X (N.to_nat (h_k h)) (N.to_nat (h_classes h)))
    (D : 'I_(N.to_nat (h_n h)) -> X) (r : row) : Prop :=
  match r with
  | Certificate l _ _ rad _ =>
      exists n' (D' : 'I_n' -> X), reaches (h_attack h) (N.to_nat rad) D D' /\
        ~ (exists j : 'I_(N.to_nat (h_classes h)), N.to_nat l = j /\ predicts A D' j)
  | Abstention _ => False
  end.

Definition vote_counts c V (v : votes c V) : seq N := [seq N.of_nat (count v j) | j <- enum 'I_c].

(** The level proved of one example is a; for [simuem] beyond two labels it is this multiple of
    a: [3 / c] where the bounds have property S, and else [(c + 1) / c]. *)
Definition level_factor (h : header) : rat :=
  let c := N.to_nat (h_classes h) in
  if h_method h is Simuem then
    if (c == 2)%N then 1
    else if separated (N.to_nat (h_models h)) (Pos.to_nat (h_grid h)) (beta h) then 3 / c%:R
    else (c + 1)%:R / c%:R
  else 1.
Definition proven_level (h : header) : rat := level_factor h * row_level h.

Section Example.
Variable h : header.
Let c := N.to_nat (h_classes h).
Let V := N.to_nat (h_models h).
Let d := Pos.to_nat (h_grid h).
Let n := N.to_nat (h_n h).
Let k := N.to_nat (h_k h).
Let b := beta h.
Let a := row_level h.
Hypothesis ok : in_range h.

Let c_gt1 : (1 < c)%N. Proof. by case: ok. Qed.
Let d_gt0 : (0 < d)%N. Proof. exact/ssrnat.ltP/Pos2Nat.is_pos. Qed.
Let d_pos : 0 < d%:R :> rat. Proof. by rewrite ltr0n. Qed.
Let zero : 'I_c := Ordinal (ltnW c_gt1).

Let ys (v : votes c V) : seq nat := map N.to_nat (vote_counts v).

Lemma ysE v : ys v = [seq count v j | j <- enum 'I_c].
Proof. by rewrite /ys -map_comp; apply: eq_map => j; rewrite /= Nat2N.id. Qed.

Lemma size_ys v : size (ys v) = c.
Proof. by rewrite ysE size_map size_enum_ord. Qed.

Lemma nth_ys v (j : 'I_c) : nth 0%N (ys v) j = count v j.
Proof. by rewrite ysE (nth_map zero) ?size_enum_ord // nth_ord_enum. Qed.

(** The label and the runner-up's count. *)
Definition due_label (v : votes c V) : 'I_c := insubd zero (first_top (ys v)).
Let lab := due_label.
Let next (v : votes c V) : nat := next_count (ys v).

Lemma labE v : lab v = first_top (ys v) :> nat.
Proof.
rewrite /lab /due_label insubdK // -[c](size_ys v) -topredE /= index_mem; apply: most_in.
by rewrite size_ys; apply: ltnW.
Qed.

Lemma lab_count v : count v (lab v) = most (ys v).
Proof.
by rewrite -nth_ys labE nth_index // most_in // size_ys ltnW.
Qed.

Lemma next_ge v j : j != lab v -> (count v j <= next v)%N.
Proof.
move=> j_l; rewrite -nth_ys; apply: next_count_ge; first by rewrite size_ys.
by rewrite -labE.
Qed.

(** A certificate is due: the sign test is passed, and the bounds are apart. *)
Definition due (v : votes c V) : bool := selects h (ys v) && (up_due h (ys v) < low_due h (ys v))%N.

Let C : procedure (votes c V) c := reporting d b lab due.

Lemma reported_lowE v : (low_due h (ys v))%:R / d%:R = reported_low d b lab v :> rat.
Proof. by rewrite /reported_low lab_count. Qed.

Lemma restE v : (up_due h (ys v))%:R / d%:R = 1 - (rest_due h (ys v))%:R / d%:R :> rat.
Proof.
have le_d : (rest_due h (ys v) <= d)%N.
  by rewrite /rest_due; case: (h_method h); rewrite ?geq_max ?low_t_le.
by rewrite natrB // mulrBl divff // gt_eqF.
Qed.

Lemma reported_upE v : h_method h <> CohenM ->
  (up_due h (ys v))%:R / d%:R = reported_up d b lab next v :> rat.
Proof.
move=> not_cohen; rewrite restE /reported_up -reported_lowE.
have -> : rest_due h (ys v) = maxn (low_due h (ys v)) (low_t V d b (V - next v)).
  by rewrite /rest_due; case: (h_method h) not_cohen.
have le (x y : nat) : (x%:R / d%:R <= y%:R / d%:R :> rat) = (x <= y)%N.
  by rewrite ler_pmul2r ?invr_gt0 // ler_nat.
rewrite /low; case: leqP => [xy|/ltnW yx].
  by rewrite (min_idPl _) // ler_add2l ler_opp2 le.
by rewrite (min_idPr _) // ler_add2l ler_opp2 le.
Qed.

Lemma restE_cohen v : h_method h = CohenM ->
  (up_due h (ys v))%:R / d%:R = 1 - reported_low d b lab v :> rat.
Proof. by move=> is_cohen; rewrite restE -reported_lowE /rest_due is_cohen. Qed.

(** The one event, of the votes alone, that can make a row false. *)
Definition misled (p : 'I_c -> rat) : pred (votes c V) :=
  wrong C p (if h_method h is CohenM then p_rest C else p_upper C).

Section Level.
Variable p : 'I_c -> rat.
Hypotheses (p_ge0 : forall j, 0 <= p j) (p_sum : \sum_j p j = 1).

Lemma due_good v : due v -> ~~ misled p v ->
  (low_due h (ys v))%:R / d%:R <= p (lab v) /\
  (forall j, j != lab v -> p j <= (up_due h (ys v))%:R / d%:R).
Proof.
move=> is_due; rewrite /misled reported_lowE.
case E : (h_method h); first 1 last.
- by rewrite restE_cohen //; apply: good_rest.
- by rewrite reported_upE ?E // => good; apply: good_reported good => //; apply: next_ge.
- by rewrite reported_upE ?E // => good; apply: good_reported good => //; apply: next_ge.
Qed.

Let due_rare v : h_method h = Selected -> due v ->
  rare_at (test_level c a) (count v (lab v) + next v) (count v (lab v)).
Proof. by move=> is_sel /andP [+ _]; rewrite /selects is_sel lab_count. Qed.

Let due_apart v : due v -> (up_due h (ys v))%:R / d%:R < (low_due h (ys v))%:R / d%:R :> rat.
Proof. by case/andP=> _; rewrite ltr_pmul2r ?invr_gt0 // ltr_nat. Qed.

(** The level that is proved of one example. *)
Lemma misled_level : Pr (weight (N := V) p) (misled p) <= proven_level h.
Proof.
have b_unit := beta_unit ok; have [/ltW sign_ge0 _] := sign_unit ok.
have /andP [a_gt0 a_lt1] := level_unit ok; have next_geV := next_ge.
have c_neq0 : c%:R != 0 :> rat by rewrite pnatr_eq0 -lt0n ltnW.
rewrite /misled /proven_level /level_factor -/c -/a; case E : (h_method h); rewrite ?mul1r.
- have apart v : due v -> reported_up d b lab next v < reported_low d b lab v.
    by move=> /due_apart; rewrite reported_lowE reported_upE ?E.
  have bE : b = a / c%:R by rewrite /b /beta E.
  case: eqP => [c2|c_neq2]; rewrite ?mul1r.
    apply: le_trans (simuem_votes_two d_gt0 c_gt1 b_unit p_ge0 p_sum next_geV apart c2) _.
    by rewrite -/b bE c2 mulrC divfK.
  have half : 2 * b < 1.
    have c_gt2 : (2 < c)%N by rewrite ltn_neqAle eq_sym c_gt1 andbT; apply/eqP.
    rewrite bE mulrA ltr_pdivr_mulr ?ltr0n ?(ltnW c_gt1) // mul1r.
    apply: (@lt_trans _ _ 2); last by rewrite ltr_nat.
    by rewrite gtr_pmulr.
  case: ifP => [sep|_]; last first.
    apply: le_trans (simuem_tests d_gt0 c_gt1 b_unit p_ge0 p_sum next_geV apart half) _.
    by rewrite -/b bE mulrCA mulrC.
  apply: le_trans (simuem_separated d_gt0 c_gt1 b_unit p_ge0 p_sum next_geV apart half sep) _.
  by rewrite -/b bE mulrCA mulrC.
- have bE : b = a / 2 by rewrite /b /beta E.
  have b_half : b < 1 / 2 by rewrite bE; case/andP: (half_lt1 a_gt0 a_lt1).
  have rule v : due v -> 1 - reported_low d b lab v < reported_low d b lab v.
    by move=> /due_apart; rewrite reported_lowE restE_cohen.
  apply: le_trans (cohen_level_all d_gt0 c_gt1 b_unit p_ge0 p_sum b_half rule) _.
  by rewrite -/b bE mulrC divfK.
- have rule v := due_rare (v := v) E.
  have bE : b = if (c == 2)%N then a - test_level c a else (a - (c.-1)%:R * test_level c a) / 2.
    by rewrite /b /beta E.
  case: eqP bE => [c2|_] bE.
    apply: le_trans (selected_votes_two d_gt0 c_gt1 b_unit p_ge0 p_sum next_geV sign_ge0 rule c2) _.
    by rewrite -/b bE subrK.
  apply: le_trans (selected_votes d_gt0 c_gt1 b_unit p_ge0 p_sum next_geV sign_ge0 rule) _.
  by rewrite -/b bE [2 * _]mulrC divfK // subrK.
Qed.

End Level.
End Example.
