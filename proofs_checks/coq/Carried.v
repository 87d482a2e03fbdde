(** Moving votes from a wrong winner to the top label, which Theorem B rests on: every outcome
    where another label wins goes to one of its own, no less probable, where the top label has
    many votes and yet does not win. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Confidence Votes Moves.
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

Section Carried.
Variables (c V : nat) (p : 'I_c -> rat) (t : 'I_c).
Hypotheses (p_ge0 : forall j, 0 <= p j) (pt_gt0 : 0 < p t) (top : forall j, p j <= p t).

(** Bounds of a count. *)
Variables L U : nat -> rat.
Let P := weight (N := V) p.
Let P_ge0 : forall v, 0 <= P v. Proof. exact: weight_ge0. Qed.

(** Counts that are apart for label [j]. *)
Definition leads_at (f : 'I_c -> nat) (j : 'I_c) : bool :=
  [forall i, (i != j) ==> (U (f i) < L (f j))].
Definition loses_at (f : 'I_c -> nat) : bool := [exists j, (j != t) && leads_at f j].

Lemma leadsP f i j : leads_at f j -> i != j -> U (f i) < L (f j).
Proof. by move=> /forallP /(_ i) /implyP. Qed.

Lemma eq_leads f g j : f =1 g -> leads_at f j = leads_at g j.
Proof. by move=> fg; apply: eq_forallb => i; rewrite !fg. Qed.

Lemma eq_loses f g : f =1 g -> loses_at f = loses_at g.
Proof. by move=> fg; apply: eq_existsb => j; rewrite (eq_leads _ fg). Qed.

(** The count from which the top label's lower bound fails, and the one from which its upper
    bound holds. *)
Variables (T Y : nat).
Hypothesis T_least : forall x, p t < L x -> (T <= x)%N.
Hypothesis Y_le : forall y, (Y <= y)%N -> p t <= U y.

(** [m] votes are moved. *)
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
  by apply: move_ge => //; apply: ltnW (winner_ahead lf t_w).
exact: giveE.
Qed.

Lemma give_short f : lost f -> f t = Y :> nat -> (Y.+1 + m)%N = T ->
  T%:R * W V p (natural f) <= (Y.+1)%:R * W V p (natural (give f)).
Proof.
move=> lf fY mE; have [w_t _] := winnerP lf.
rewrite (@eq_W _ _ _ (natural (give f)) (moved (winner f) t m (natural f))) => [|i].
  rewrite -fY; apply: move_short => //.
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

End Carried.
