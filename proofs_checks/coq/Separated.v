(** Theorem B: three events are enough for [simuem], whatever the probabilities, where the bounds
    have property S. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Confidence Cohen Tails Votes Canonical Levels Moves Trials Edge Carried Simuem.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Lemma gap_touch x y Y T : (Y <= y)%N -> (Y < T)%N -> (T < x - (y - Y))%N -> (y + (T - Y) < x)%N.
Proof. by move=> a1 a2 a3; nat_lia. Qed.

Lemma gap_apart x y Y T : (Y <= y)%N -> (Y < T)%N -> (T <= x - (y - Y))%N -> (y + (T - Y.+1) < x)%N.
Proof. by move=> a1 a2 a3; nat_lia. Qed.

Section Separated.
Variables (c V d : nat) (b : rat) (p : 'I_c -> rat).
Hypotheses (d_gt0 : (0 < d)%N) (c_gt1 : (1 < c)%N) (b_unit : 0 < b < 1).
Hypotheses (p_ge0 : forall j, 0 <= p j) (p_sum : \sum_j p j = 1).
Variables (lab : votes c V -> 'I_c) (next : votes c V -> nat).
Hypothesis next_ge : forall v j, j != lab v -> (count v j <= next v)%N.
Variable issue : pred (votes c V).
Hypothesis rule : forall v, issue v -> reported_up d b lab next v < reported_low d b lab v.

Let L := low V d b.
Let U y := 1 - L (V - y).
Let C := reporting d b lab issue.
Let P := weight (N := V) p.
Let t := top_label p c_gt1.
Let s := second_label p c_gt1.
Let P_ge0 : forall v, 0 <= P v. Proof. exact: weight_ge0. Qed.
Let U_ge0 y : 0 <= U y. Proof. by rewrite subr_ge0 low_le1. Qed.

Let U_mono y z : (y <= z)%N -> U y <= U z.
Proof. by move=> yz; rewrite ler_add2l ler_opp2; apply: low_mono => //; apply: leq_sub2l. Qed.

Let bad := wrong C p (p_upper C).

Let low_t_level : Pr P (fun v => p t < L (count v t)) <= b.
Proof. exact: (low_level d_gt0 b_unit p_ge0 p_sum lab issue t). Qed.

Let up_level_of j : Pr P (fun v => U (count v j) < p j) <= b.
Proof. exact: (up_level d_gt0 b_unit p_ge0 p_sum lab issue j). Qed.

Let issued_apart v j : issue v -> j != lab v -> U (count v j) < L (count v (lab v)).
Proof. exact: (issued_apart d_gt0 next_ge rule). Qed.

Let bad_top v : bad v -> lab v = t -> (p t < L (count v t)) || (U (count v s) < p s).
Proof. exact: (bad_top p_ge0 p_sum). Qed.

Section Bounds.
Hypothesis b_half : 2 * b < 1.
Hypothesis sep : separated V d b.

Let b_lt1 : b < 1. Proof. by case/andP: b_unit. Qed.
Let b_ge0 : 0 <= b. Proof. by case/andP: b_unit => /ltW. Qed.
Let L0 : L 0 = 0. Proof. by rewrite /L /low low_t0 // mul0r. Qed.
Let L_mono y z : (y <= z)%N -> L y <= L z. Proof. exact: low_mono. Qed.

Let top j : p j <= p t. Proof. exact: top_labelP. Qed.

Let pt_gt0 : 0 < p t.
Proof.
rewrite lt_neqAle p_ge0 andbT; apply/eqP => pt0; have := p_sum; rewrite big1 => [|i _].
  by move/eqP; rewrite eq_sym oner_eq0.
by apply/eqP; rewrite eq_le p_ge0 andbT [X in _ <= X]pt0 top_labelP.
Qed.

(** Counts that are apart for label [j], and for another than the top one. *)
Let leads_at := @leads_at c L U.
Let loses_at := loses_at t L U.

Lemma issued_leads v : issue v -> leads_at (count v) (lab v).
Proof. by move=> iss; apply/forallP => i; apply/implyP; apply: issued_apart. Qed.

(** The count from which the top label's lower bound fails, and the one below which its upper
    bound fails. *)
Variables (T Y : nat).
Hypothesis TV : (T <= V)%N.
Hypotheses (T_fails : p t < L T) (T_least : forall x, p t < L x -> (T <= x)%N).
Hypotheses (Y_holds : p t <= U Y) (Y_least : forall y, p t <= U y -> (Y <= y)%N).

Let T_le x : (T <= x)%N -> p t < L x.
Proof. by move=> /L_mono; apply: lt_le_trans. Qed.
Let Y_le y : (Y <= y)%N -> p t <= U y.
Proof. by move=> /U_mono; apply: le_trans. Qed.

Let PA := Pr P (fun v => T <= count v t)%N.
Let PV := Pr P (fun v => count v t < Y)%N.

Lemma PA_le : PA <= b.
Proof. by apply: le_trans low_t_level; apply: Pr_le => // v; apply: T_le. Qed.

Lemma PV_le : PV <= b.
Proof.
apply: le_trans (up_level_of t); apply: Pr_le => // v; rewrite ltnNge ltNge; apply: contra.
exact: Y_least.
Qed.

Lemma Y_lt_T : (Y < T)%N.
Proof.
rewrite ltnNge; apply/negP => TY; have := b_half; rewrite ltNge; case/negP.
rewrite (_ : 2 * b = b + b); last by rat_ring.
have <- : Pr P xpredT = 1 by apply: weight_sum.
refine (@Pr_union2 _ P P_ge0 xpredT (fun v => T <= count v t)%N (fun v => count v t < Y)%N b b _ _ _).
- by move=> v _; case: (ltnP (count v t) Y) => [|Yv]; rewrite ?orbT // orbF (leq_trans TY).
- exact: PA_le.
- exact: PV_le.
Qed.

(** Property S, applied as often as the smaller count is above Y. *)
Lemma far x y : (Y <= y)%N -> (x + y <= V)%N -> U y < L x -> U Y < L (x - (y - Y)).
Proof.
move=> /subnK <-; rewrite addnK; elim: (y - Y)%N x => [|k IH] x; first by rewrite subn0.
rewrite addSn => le_x lt; rewrite subnS -subn1 subnAC subn1.
apply: IH; last exact: (separatedP d_gt0 b_lt1 sep le_x lt).
apply: leq_trans le_x; rewrite addnS leqW // leq_add2r leq_pred //.
Qed.

(** ** Moving m votes to the top label *)
(** What is wrong is among these. *)
Let PB := Pr P (fun v => U (count v s) < p s).
Let kept_top := Pr P (fun v => (T <= count v t)%N && leads_at (count v) t).
Let free_top := Pr P (fun v => (T <= count v t)%N && ~~ leads_at (count v) t).

Lemma top_parts : kept_top + free_top = PA.
Proof. by rewrite /PA /Pr [RHS](bigID (fun v : votes c V => leads_at (count v) t)). Qed.

Lemma bad_parts v : bad v -> [|| U (count v s) < p s, (T <= count v t)%N && leads_at (count v) t,
  (count v t < Y)%N | loses_at (count v) && (Y <= count v t)%N].
Proof.
move=> wr; have iss : issue v by case/andP: wr.
have lead := issued_leads iss; have [lab_t|lab_t] := eqVneq (lab v) t.
  have := bad_top wr lab_t; rewrite lab_t in lead; rewrite lead andbT.
  by case/orP=> [/T_least ->|->]; rewrite ?orbT.
case: (ltnP (count v t) Y) => [_|Yt]; first by rewrite !orbT.
rewrite andbT; have -> : loses_at (count v) by apply/existsP; exists (lab v); rewrite lab_t.
by rewrite !orbT.
Qed.

Let three : 3 * b = b + (b + b). Proof. by rat_ring. Qed.

Lemma bad_sum : Pr P bad <= PB + (kept_top + (PV + Pr P (fun v => loses_at (count v) && (Y <= count v t)%N))).
Proof.
apply: le_trans (Pr_le P_ge0 bad_parts) _.
apply: le_trans (Pr_or P_ge0 _ _) _; apply: ler_add; first exact: lexx.
apply: le_trans (Pr_or P_ge0 _ _) _; apply: ler_add; first exact: lexx.
exact: (Pr_or P_ge0).
Qed.

(** Case I: the bounds of T and Y are not apart. *)
Lemma separated_touch : L T <= U Y -> Pr P bad <= 3 * b.
Proof.
move=> touch; have TE : (Y + (T - Y))%N = T by rewrite subnKC // ltnW // Y_lt_T.
have Far x y : (Y <= y)%N -> (x + y <= V)%N -> U y < L x -> (y + (T - Y) < x)%N.
  move=> Yy le_V lt; have lt_T := le_lt_trans touch (far Yy le_V lt).
  have {lt_T} : (T < x - (y - Y))%N.
    by rewrite ltnNge; apply/negP => /L_mono; rewrite leNgt lt_T.
  exact: gap_touch Yy Y_lt_T.
have le := @carried c V p t p_ge0 pt_gt0 top L U T Y T_least Y_le _ (eq_leq TE) Far _ TE (leqnn Y).
apply: le_trans bad_sum _; rewrite three; apply: ler_add; first exact: up_level_of.
rewrite addrCA; apply: ler_add; first exact: PV_le.
by apply: le_trans PA_le; rewrite -top_parts ler_add2l.
Qed.
(** Case II: they are apart. *)
Let tail_count x : Pr P (fun v => x <= count v t)%N = upper_tail V x (p t).
Proof. exact: count_binomial. Qed.

Let exact_count m : Pr P (fun v => count v t == m) = trials (nseq V (p t)) m.
Proof.
rewrite -trials_step -!upper_tail_trials -!tail_count /Pr.
rewrite [X in _ = X - _](bigID (fun v : votes c V => count v t == m)) /=.
rewrite [X in _ = X + _ - _](eq_bigl (fun v : votes c V => count v t == m)) => [|v]; last first.
  by case: eqP => [->|]; rewrite ?leqnn ?andbF.
rewrite [X in _ = _ + X - _](eq_bigl (fun v : votes c V => m < count v t)%N) ?addrK // => v.
by rewrite [(m < _)%N]ltn_neqAle andbC eq_sym.
Qed.

Lemma separated_apart : U Y < L T -> Pr P bad <= 3 * b.
Proof.
move=> apart; have YT := Y_lt_T; have mE : (Y.+1 + (T - Y.+1))%N = T by rewrite subnKC.
have q1 : U Y < 1 by apply: lt_le_trans apart _; apply: low_le1.
have T_gt0 : (0 < T)%N := leq_ltn_trans (leq0n Y) YT.
have VE : V.-1.+1 = V by rewrite prednK // (leq_trans T_gt0 TV).
have YV : (Y <= V)%N := leq_trans (ltnW YT) TV.
have Far x y : (Y <= y)%N -> (x + y <= V)%N -> U y < L x -> (y + (T - Y.+1) < x)%N.
  move=> Yy le_V lt; have lt_Y := far Yy le_V lt.
  exact: gap_apart Yy YT (T_least (le_lt_trans Y_holds lt_Y)).
have mT : (Y + (T - Y.+1) <= T)%N by rewrite -[X in (_ <= X)%N]mE leq_add2r.
have moved_on := @carried c V p t p_ge0 pt_gt0 top L U T Y T_least Y_le _ mT Far _ mE (leqnSn Y).
have edge := @carried_edge c V p t p_ge0 pt_gt0 top L U T Y T_least Y_le _ mT Far mE.
set eps := Pr P (fun v => loses_at (count v) && (count v t == Y)) in edge.
pose PY := Pr P (fun v => count v t == Y).
have eps0 : 0 <= eps by apply: sumr_ge0.
have epsY : eps <= PY by apply: (Pr_le P_ge0) => v /andP [].
have parts : Pr P (fun v => loses_at (count v) && (Y <= count v t)%N) <= eps + free_top.
  refine (@Pr_union2 _ P P_ge0 _ _ _ eps free_top _ (lexx _) moved_on) => v.
  case/andP=> lose; rewrite leq_eqVlt => /orP [/eqP Yt|lt]; apply/orP; [left|right].
    by apply/andP; split; rewrite // -Yt.
  by apply/andP; split.
have balance : PA + (PV + eps) <= b + b.
  have [eps_le|eps_gt] := lerP eps 0.
    by apply: ler_add PA_le _; apply: le_trans PV_le; rewrite ger_addl.
  have TYV : (T + Y <= V)%N.
    rewrite leqNgt; apply/negP => over; move: eps_gt; rewrite /eps /Pr big_pred0 ?ltxx // => v.
    apply/negbTE/negP => /andP [/existsP [j /andP [j_t lead]] /eqP Yt].
    have t_j : t != j by rewrite eq_sym.
    have Tj : (T <= count v j)%N.
      apply: T_least; apply: le_lt_trans (leadsP lead t_j); rewrite Yt; exact: Y_holds.
    have := count_two v j_t; rewrite Yt leqNgt; case/negP; apply: leq_trans over _.
    by rewrite leq_add2r.
  have PVE : PV = 1 - upper_tail V Y (p t).
    rewrite -tail_count -(weight_sum V p_sum) /PV /Pr; apply/esym/eqP; rewrite subr_eq; apply/eqP.
    rewrite (bigID (fun v : votes c V => count v t < Y)%N) /=; congr (_ + _).
    by apply: eq_bigl => v; rewrite -leqNgt.
  have PYE : PY = trials (nseq V (p t)) Y by apply: exact_count.
  have PVY : PV + PY = 1 - upper_tail V Y.+1 (p t).
    rewrite PVE PYE -trials_step -!upper_tail_trials.
    by move: (upper_tail _ _ _) (upper_tail _ _ _) => x y; rat_ring.
  have tq : upper_tail V T (U Y) <= b.
    have [le1 tail] := low_sound d_gt0 (le_lt_trans (U_ge0 Y) apart).
    by apply: le_trans tail; apply: upper_tail_mono (ltW apart) le1; apply: U_ge0.
  have yq : 1 - b <= upper_tail V Y.+1 (U Y).
    have pos : 0 < L (V - Y) by move: q1; rewrite ltr_subl_addl ltr_addr.
    have [_] := low_sound d_gt0 pos; have -> : low V d b (V - Y) = 1 - U Y by rewrite /U subKr.
    by rewrite tail_rest // ler_subl_addr -ler_subl_addl.
  rewrite exact_count in edge.
  rewrite -VE in TYV PYE edge PVY tq yq.
  refine (@edge_balance V.-1 Y T b (p t) (U Y) PA PV PY eps pt_gt0 Y_holds q1 YT TYV eps0 epsY PYE
    edge PV_le PVY _ tq yq).
  by rewrite VE -tail_count.
apply: le_trans bad_sum _; rewrite three; apply: ler_add; first exact: up_level_of.
apply: le_trans balance; rewrite -top_parts -addrA; apply: ler_add; first exact: lexx.
rewrite addrCA; apply: ler_add; first exact: lexx.
by rewrite addrC; apply: parts.
Qed.

End Bounds.

(** **Theorem B**: three events are enough, whatever the probabilities, where the bounds have
    property S and the level is below one half. *)
Theorem simuem_separated : 2 * b < 1 -> separated V d b -> Pr P bad <= 3 * b.
Proof.
move=> half sep; have /andP [_ b_lt1] := b_unit.
have exY : exists y, p t <= U y.
  exists V; rewrite /U subnn /L /low low_t0 // mul0r subr0; exact: (p_le1 p_ge0 p_sum).
case: (ex_minnP exY) => Y Y_holds Y_least.
have [/existsP [x0 x0P]|/existsPn none] := boolP [exists x : 'I_V.+1, p t < L x].
  have exT : exists x, p t < L x by exists x0.
  case: (ex_minnP exT) => T T_fails T_least.
  have TV : (T <= V)%N by apply: leq_trans (T_least _ x0P) _; rewrite -ltnS ltn_ord.
  have [touch|apart] := lerP (L T) (U Y).
    exact: (separated_touch half sep T_fails T_least Y_holds Y_least touch).
  exact: (separated_apart half sep TV T_fails T_least Y_holds Y_least apart).
pose two (v : votes c V) := (p t < L (count v t)) || (U (count v s) < p s).
rewrite (_ : 3 * b = b + b + b); last by rat_ring.
refine (@Pr_union2 _ P P_ge0 bad two (fun v => U (count v t) < p t) (b + b) b _ _ _).
- move=> v wr; have [lab_t|lab_t] := eqVneq (lab v) t; first by rewrite /two (bad_top wr lab_t).
  have iss : issue v by case/andP: wr.
  have t_l : t != lab v by rewrite eq_sym.
  apply/orP; right; rewrite ltNge; apply/negP => le_t.
  have := none (inord (count v (lab v))); rewrite inordK ?ltnS ?count_le // => /negP; apply.
  exact: le_lt_trans le_t (issued_apart iss t_l).
- exact: (@Pr_union2 _ P P_ge0 two _ _ b b (fun _ => id) low_t_level (up_level_of s)).
- exact: up_level_of.
Qed.

End Separated.
