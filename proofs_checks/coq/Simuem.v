(** The method [simuem]: eq (6), with a level below the sum over all labels. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Confidence Cohen Tails Votes Canonical Levels Moves Trials Edge.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** Two labels share the votes. *)
Lemma count_two c V (v : votes c V) (i j : 'I_c) : i != j -> (count v i + count v j <= V)%N.
Proof.
move=> i_j; rewrite /count -cardsUI (_ : voters v i :&: voters v j = set0) ?cards0 ?addn0.
  by rewrite -[X in (_ <= X)%N](card_ord V) max_card.
apply/setP => x; rewrite !inE; apply/negbTE/negP => /andP [/eqP -> /eqP ij].
by rewrite ij eqxx in i_j.
Qed.

(** Three facts about numbers, apart from contexts in which deciding them takes long. *)
Lemma not_both a b x y m : (x + m < a)%N -> (y + m < b)%N -> x = (b - m)%N -> (a - m)%N = y -> False.
Proof.
move=> lt1 lt2 eq_x eq_y; have xy : (x < y)%N by rewrite -eq_y ltn_subRL addnC.
have yx : (y < x)%N by rewrite eq_x ltn_subRL addnC.
by have := ltn_trans xy yx; rewrite ltnn.
Qed.

Lemma same_less a b u w m : (u + m < a)%N -> (w + m < b)%N -> (a - m)%N = (b - m)%N -> a = b.
Proof.
move=> /ltnW lt1 /ltnW lt2 eq.
by rewrite -(subnK (leq_trans (leq_addl u m) lt1)) eq (subnK (leq_trans (leq_addl w m) lt2)).
Qed.

Lemma not_past u w m Y V : (u + m < w)%N -> (Y <= u)%N -> (u + w <= V)%N ->
  [/\ (Y <= w - m)%N, (u + m + (w - m) <= V)%N & (w - m + m < u + m)%N = false].
Proof. by move=> lt le le_V; split; [nat_lia | nat_lia | apply/negbTE; rewrite -leqNgt; nat_lia]. Qed.

Lemma gap_touch x y Y T : (Y <= y)%N -> (Y < T)%N -> (T < x - (y - Y))%N -> (y + (T - Y) < x)%N.
Proof. by move=> a1 a2 a3; nat_lia. Qed.

Lemma gap_apart x y Y T : (Y <= y)%N -> (Y < T)%N -> (T <= x - (y - Y))%N -> (y + (T - Y.+1) < x)%N.
Proof. by move=> a1 a2 a3; nat_lia. Qed.

Section Simuem.
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

(** Issued: the label's lower bound is above every other label's upper bound. *)
Lemma issued_apart v j : issue v -> j != lab v -> U (count v j) < L (count v (lab v)).
Proof.
move=> /rule + j_l; rewrite /reported_up /reported_low lt_minl => /orP [lt|lt].
  by apply: le_lt_trans lt; apply: U_mono; apply: next_ge.
apply: le_lt_trans lt; rewrite ler_add2l ler_opp2; apply: low_mono => //.
by rewrite leq_subRL ?count_le // addnC count_two // eq_sym.
Qed.

Let bad := wrong C p (p_upper C).

(** A wrong certificate for the top label needs one of two bounds to fail. *)
Lemma bad_top v : bad v -> lab v = t -> (p t < L (count v t)) || (U (count v s) < p s).
Proof.
have := @wrong_top _ c C p t s p_ge0 p_sum (second_neq p c_gt1)
  (fun j => @second_labelP c p c_gt1 j) v.
by apply.
Qed.

Let low_t_level : Pr P (fun v => p t < L (count v t)) <= b.
Proof. exact: (low_level d_gt0 b_unit p_ge0 p_sum lab issue t). Qed.

Let up_level_of j : Pr P (fun v => U (count v j) < p j) <= b.
Proof. exact: (up_level d_gt0 b_unit p_ge0 p_sum lab issue j). Qed.

(** **Theorem A**: three events are enough where the true top label has half of the mass. *)
Theorem simuem_half : 1 / 2 <= p t -> Pr P bad <= 3 * b.
Proof.
move=> half; have half2 : 1 - 1 / 2 = 1 / 2 :> rat by apply/eqP.
pose two (v : votes c V) := (p t < L (count v t)) || (U (count v s) < p s).
rewrite (_ : 3 * b = b + b + b); last by rat_ring.
refine (@Pr_union2 _ P P_ge0 bad two (fun v => U (count v t) < p t) (b + b) b _ _ _).
- move=> v wr; have [lab_t|lab_t] := eqVneq (lab v) t; first by rewrite /two (bad_top wr lab_t).
  have iss : issue v by case/andP: wr.
  have t_l : t != lab v by rewrite eq_sym.
  apply/orP; right; rewrite ltNge; apply/negP => le_t.
  have := issued_apart iss t_l; rewrite ltNge; case/negP.
  apply: (@le_trans _ _ (L (V - count v t))).
    have le_l : (count v (lab v) <= V - count v t)%N.
      rewrite leq_subRL; last exact: count_le.
      exact: count_two t_l.
    exact: (low_mono V b d_gt0 le_l).
  apply: (@le_trans _ _ (1 / 2)); last exact: le_trans half le_t.
  by rewrite -half2 ler_subr_addl -ler_subr_addr; apply: le_trans half le_t.
- exact: (@Pr_union2 _ P P_ge0 two _ _ b b (fun _ => id) low_t_level (up_level_of s)).
- exact: up_level_of.
Qed.

(** * Theorem B: three events, whatever the probabilities, where the bounds are separated *)
Section Separated.
Hypothesis b_half : 2 * b < 1.
Hypothesis sep : separated V d b.

Let b_lt1 : b < 1. Proof. by case/andP: b_unit. Qed.
Let b_ge0 : 0 <= b. Proof. by case/andP: b_unit => /ltW. Qed.
Let L0 : L 0 = 0. Proof. by rewrite /L /low low_t0 // mul0r. Qed.
Let L_mono y z : (y <= z)%N -> L y <= L z. Proof. exact: low_mono. Qed.

Let pt_gt0 : 0 < p t.
Proof.
rewrite lt_neqAle p_ge0 andbT; apply/eqP => pt0; have := p_sum; rewrite big1 => [|i _].
  by move/eqP; rewrite eq_sym oner_eq0.
by apply/eqP; rewrite eq_le p_ge0 andbT [X in _ <= X]pt0 top_labelP.
Qed.

(** Counts that are apart for label [j]. *)
Definition leads_at (f : 'I_c -> nat) (j : 'I_c) : bool :=
  [forall i, (i != j) ==> (U (f i) < L (f j))].
Definition loses_at (f : 'I_c -> nat) : bool := [exists j, (j != t) && leads_at f j].

Lemma eq_leads f g j : f =1 g -> leads_at f j = leads_at g j.
Proof. by move=> fg; apply: eq_forallb => i; rewrite !fg. Qed.

Lemma eq_loses f g : f =1 g -> loses_at f = loses_at g.
Proof. by move=> fg; apply: eq_existsb => j; rewrite (eq_leads _ fg). Qed.

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
Section Moving.
Variable m : nat.
Hypothesis mT : (Y + m <= T)%N.
Hypothesis Far : forall x y, (Y <= y)%N -> (x + y <= V)%N -> U y < L x -> (y + m < x)%N.

Let real (f : vector c V) : bool := [exists v : votes c V, counts_vector v == f].
Definition lost (f : vector c V) : bool := [&& real f, (Y <= f t)%N & loses_at (natural f)].

Definition winner (f : vector c V) : 'I_c := odflt t [pick j | (j != t) && leads_at (natural f) j].
Definition give (f : vector c V) : vector c V := [ffun i => inord (moved (winner f) t m (natural f) i)].

Lemma real_two f i j : real f -> i != j -> (f i + f j <= V)%N.
Proof. by case/existsP=> v /eqP <- ij; rewrite !counts_vectorE count_two. Qed.

Lemma winnerP f : lost f -> winner f != t /\ leads_at (natural f) (winner f).
Proof.
case/and3P=> _ _ /existsP [j jP]; rewrite /winner; case: pickP => [k /andP [] //|none].
by have := none j; rewrite jP.
Qed.

(** The winner is ahead of every other label by more than m, and reaches T. *)
Lemma winner_ahead f i : lost f -> i != winner f -> (f i + m < f (winner f))%N.
Proof.
move=> lf i_w; have [w_t lead] := winnerP lf; case/and3P: (lf) => rf Yt _.
have lt := implyP (forallP lead i) i_w.
have [Yi|iY] := leqP Y (f i); first by apply: Far lt => //; rewrite real_two // eq_sym.
have t_w : t != winner f by rewrite eq_sym.
have reach : (T <= f (winner f))%N.
  by apply: T_least; apply: le_lt_trans (implyP (forallP lead t) t_w); apply: Y_le.
by apply: leq_trans reach; apply: leq_trans mT; rewrite ltn_add2r.
Qed.

Lemma winner_reaches f : lost f -> (T <= f (winner f))%N.
Proof.
move=> lf; have [w_t lead] := winnerP lf; case/and3P: (lf) => rf Yt _.
have t_w : t != winner f by rewrite eq_sym.
by apply: T_least; apply: le_lt_trans (implyP (forallP lead t) t_w); apply: Y_le.
Qed.

Lemma giveE f i : lost f -> give f i = moved (winner f) t m (natural f) i :> nat.
Proof.
move=> lf; have [w_t _] := winnerP lf; have t_w : t != winner f by rewrite eq_sym.
rewrite ffunE inordK // /moved /natural; case: (i =P t) => [->|_].
  by apply: (leq_trans (winner_ahead lf t_w)); apply: ltnW.
by case: ifP => _ //; apply: leq_ltn_trans (leq_subr _ _) _.
Qed.

Lemma give_ge f : lost f -> W V p (natural f) <= W V p (natural (give f)).
Proof.
move=> lf; have [w_t _] := winnerP lf; have t_w : t != winner f by rewrite eq_sym.
rewrite (@eq_W _ _ _ (natural (give f)) (moved (winner f) t m (natural f))) => [|i].
  by apply: move_ge => //; [apply: top_labelP | apply: ltnW (winner_ahead lf t_w)].
exact: giveE.
Qed.

Lemma give_short f : lost f -> f t = Y :> nat -> (Y.+1 + m)%N = T ->
  T%:R * W V p (natural f) <= (Y.+1)%:R * W V p (natural (give f)).
Proof.
move=> lf fY mE; have [w_t _] := winnerP lf.
rewrite (@eq_W _ _ _ (natural (give f)) (moved (winner f) t m (natural f))) => [|i].
  rewrite -fY; apply: move_short => //; first exact: top_labelP.
    by rewrite /natural fY.
  exact: winner_reaches.
exact: giveE.
Qed.

(** The winner can be read off where the votes have gone. *)
Lemma give_inj : {in lost &, injective give}.
Proof.
move=> f g lf lg eq_fg; have [wf _] := winnerP lf; have [wg _] := winnerP lg.
have eq i : moved (winner f) t m (natural f) i = moved (winner g) t m (natural g) i.
  by rewrite -!giveE // eq_fg.
have eq_w : winner f = winner g.
  apply/eqP; apply: contraT => ne; have ne' : winner g != winner f by rewrite eq_sym.
  have af := winner_ahead lf ne'; have ag := winner_ahead lg ne.
  have := eq (winner f); have := eq (winner g).
  rewrite /moved (negPf wf) (negPf wg) !eqxx (negPf ne) (negPf ne') /natural => e1 e2.
  by case: (not_both af ag e1 e2).
apply/ffunP => i; apply: val_inj; have := eq i; rewrite /moved -eq_w /natural /=.
case: (i =P t) => [_ /addIn //|_]; case: (i =P winner f) => [->|_] //.
have t_w : t != winner f by rewrite eq_sym.
have af := winner_ahead lf t_w; have := winner_ahead lg; rewrite -eq_w => /(_ t t_w) ag.
exact: same_less af ag.
Qed.

(** Where the votes have gone, the top label is not issued. *)
Lemma give_not f : lost f -> ~~ leads_at (natural (give f)) t.
Proof.
move=> lf; have [w_t _] := winnerP lf; have t_w : t != winner f by rewrite eq_sym.
apply/negP => /forallP /(_ (winner f)) /implyP /(_ w_t); rewrite /natural !giveE // /moved.
rewrite !eqxx (negPf w_t) /natural => lt; have ahead := winner_ahead lf t_w.
case/and3P: (lf) => rf Yt _; have two := real_two rf t_w.
have [Yw sum no] := not_past ahead Yt two.
by have := Far Yw sum lt; rewrite no.
Qed.

Let naturalE (v : votes c V) : natural (counts_vector v) =1 count v.
Proof. by move=> i; rewrite /natural counts_vectorE. Qed.

Lemma lost_counts (v : votes c V) : loses_at (count v) -> (Y <= count v t)%N -> lost (counts_vector v).
Proof.
move=> lose Yt; rewrite /lost counts_vectorE Yt (eq_loses (naturalE v)) lose !andbT.
by apply/existsP; exists v.
Qed.

Lemma give_top f : lost f -> give f t = (f t + m)%N :> nat.
Proof. by move=> lf; rewrite giveE // /moved eqxx. Qed.

(** Certificates lost to other labels, against those that the top label might have had. *)
Lemma carried Z : (Z + m)%N = T -> (Y <= Z)%N ->
  Pr P (fun v => loses_at (count v) && (Z <= count v t)%N) <=
  Pr P (fun v => (T <= count v t)%N && ~~ leads_at (count v) t).
Proof.
move=> ZT YZ.
pose G (f : vector c V) := lost f && (Z <= f t)%N.
pose H (f : vector c V) := (T <= f t)%N && ~~ leads_at (natural f) t.
have inj : {in G &, injective give} by move=> f g /andP [lf _] /andP [lg _]; apply: give_inj.
have GH f : G f -> H (give f).
  case/andP=> lf Zf; rewrite /H give_not // andbT give_top // -ZT.
  by rewrite leq_add2r.
have le_W f : G f -> 1 * W V p (natural f) <= 1 * W V p (natural (give f)).
  by case/andP=> lf _; rewrite !mul1r; apply: give_ge.
have := carry p_ge0 (ler01 : 0 <= (1 : rat)) inj GH le_W; rewrite !mul1r => le.
apply: le_trans (le_trans (Pr_le P_ge0 _) le) (Pr_le P_ge0 _) => v.
  by case/andP=> lose Zt; rewrite /G counts_vectorE Zt andbT; apply: lost_counts (leq_trans YZ Zt).
by rewrite /H counts_vectorE (eq_leads _ (naturalE v)).
Qed.

(** The same where the top label has exactly Y votes, and too few to reach T. *)
Lemma carried_edge : (Y.+1 + m)%N = T ->
  T%:R * Pr P (fun v => loses_at (count v) && (count v t == Y)) <=
  (Y.+1)%:R * Pr P (fun v => count v t == T.-1).
Proof.
move=> mE.
pose G (f : vector c V) := lost f && (f t == Y :> nat).
pose H (f : vector c V) := (f t == T.-1 :> nat).
have inj : {in G &, injective give} by move=> f g /andP [lf _] /andP [lg _]; apply: give_inj.
have GH f : G f -> H (give f).
  by case/andP=> lf /eqP Yf; rewrite /H give_top // Yf -mE addSn.
have le_W f : G f -> T%:R * W V p (natural f) <= (Y.+1)%:R * W V p (natural (give f)).
  by case/andP=> lf /eqP Yf; apply: give_short.
have le := carry p_ge0 (ler0n _ _) inj GH le_W.
apply: (@le_trans _ _ (T%:R * Pr P (fun v => G (counts_vector v)))).
  apply: ler_wpmul2l; first exact: ler0n.
  apply: Pr_le P_ge0 _ _ _ => v /andP [lose /eqP Yt].
  by rewrite /G counts_vectorE Yt eqxx andbT lost_counts // Yt.
apply: le_trans le _; apply: ler_wpmul2l; first exact: ler0n.
by apply: Pr_le P_ge0 _ _ _ => v; rewrite /H counts_vectorE.
Qed.

End Moving.

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
have le := carried (eq_leq TE) Far TE (leqnn Y).
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
have moved_on := carried mT Far mE (leqnSn Y).
have edge := carried_edge mT Far mE.
set eps := Pr P (fun v => loses_at (count v) && (count v t == Y)) in edge.
pose PY := Pr P (fun v => count v t == Y).
have eps0 : 0 <= eps by apply: sumr_ge0.
have epsY : eps <= PY by apply: (Pr_le P_ge0) => v /andP [].
have parts : Pr P (fun v => loses_at (count v) && (Y <= count v t)%N) <= eps + free_top.
  refine (@Pr_union2 _ P P_ge0 _ _ _ eps free_top _ (lexx _) moved_on) => v.
  by rewrite leq_eqVlt eq_sym => /andP [-> /orP [->|->]]; rewrite ?orbT.
have balance : PA + (PV + eps) <= b + b.
  have [eps_le|eps_gt] := lerP eps 0.
    by apply: ler_add PA_le _; apply: le_trans PV_le; rewrite ger_addl.
  have TYV : (T + Y <= V)%N.
    rewrite leqNgt; apply/negP => over; move: eps_gt; rewrite /eps /Pr big_pred0 ?ltxx // => v.
    apply/negbTE/negP => /andP [/existsP [j /andP [j_t lead]] /eqP Yt].
    have t_j : t != j by rewrite eq_sym.
    have Tj : (T <= count v j)%N.
      apply: T_least; apply: le_lt_trans (implyP (forallP lead t) t_j); rewrite Yt; exact: Y_holds.
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

End Separated.

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

End Simuem.
