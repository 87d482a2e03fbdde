(** [tail_at_mostE]: the fast test of Series.v answers as the exact sum of Tails.v does. *)
From Coq Require Import PArith NArith.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Checker Checked Tails Series.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

(** The two comparisons, over [nat]. *)
Section Compare.
Variables (one S rest first w b l h : nat).
Hypothesis one_gt0 : 0 < one.

Lemma surely_at_most : one * S <= h * first -> l * first <= one * (rest + first) ->
  w * h <= b * (l - one) -> w * S <= b * rest.
Proof.
move=> S_le rest_ge le; rewrite -(leq_pmul2l one_gt0) mulnCA [leqRHS]mulnCA.
apply: leq_trans (leq_mul (leqnn w) S_le) _; rewrite mulnA.
apply: leq_trans (leq_mul le (leqnn first)) _; rewrite -mulnA leq_mul2l.
by rewrite mulnBl leq_subLR -mulnDr addnC rest_ge orbT.
Qed.

Lemma surely_more : 0 < first -> l * first <= one * S -> one * (rest + first) <= h * first ->
  b * (h - one) < w * l -> b * rest < w * S.
Proof.
move=> first_gt0 S_ge rest_le lt; rewrite -(ltn_pmul2l one_gt0) mulnCA [X in _ < X]mulnCA.
have le : one * rest <= (h - one) * first.
  by rewrite mulnBl -(leq_add2r (one * first)) -mulnDr subnK // (leq_trans _ rest_le) // leq_mul2l
     leq_addl orbT.
apply: leq_ltn_trans (leq_mul (leqnn b) le) _; rewrite mulnA.
apply: (@leq_trans (w * l * first)); first by rewrite ltn_pmul2r.
by rewrite -mulnA leq_mul.
Qed.

End Compare.

Section Decide.
Variables (one V x t s b e : N).
Hypotheses (one_gt0 : 0 < N.to_nat one) (x_le : N.to_nat x <= N.to_nat V).
Hypotheses (t_gt0 : 0 < N.to_nat t) (s_gt0 : 0 < N.to_nat s).
Let S := at_least (N.to_nat V) (N.to_nat x) (N.to_nat t) (N.to_nat s).
Let all := (N.to_nat t + N.to_nat s) ^ N.to_nat V.
Let first := term (N.to_nat V) (N.to_nat t) (N.to_nat s) (N.to_nat x).
Let rest := all - S.

Let S_le : S <= all.
Proof.
rewrite /all -total /S /at_least.
by rewrite [leqRHS](bigID (fun i : 'I__ => N.to_nat x <= i)) leq_addr.
Qed.

Let first_gt0 : 0 < first. Proof. exact: term_gt0. Qed.

Lemma verdictP U W answer :
  encloses one first S U -> encloses one first (rest + first) W ->
  Series.verdict one (e - b) b U W = Some answer -> answer = (S * N.to_nat e <= N.to_nat b * all).
Proof.
case: U W => [lU hU] [lW hW] [/= U_lo U_hi] [/= W_lo W_hi]; rewrite /Series.verdict /=.
set w := N.to_nat e - N.to_nat b.
have allE : all = rest + S by rewrite subnK.
case yes: (match hU with Some _ => _ | None => _ end).
  case: hU U_hi yes => // h /(_ _ erefl) U_hi; rewrite lebE !mulE !subE -/w => yes [<-].
  have le := surely_at_most one_gt0 U_hi W_lo yes; apply/esym.
  rewrite mulnC allE mulnDr (leq_trans _ (leq_add le (leqnn _))) // -mulnDl leq_mul2r.
  by rewrite addnC -leq_subLR leqnn orbT.
case: hW W_hi => // h /(_ _ erefl) W_hi; rewrite ltbE !mulE !subE -/w; case: ifP => // no [<-].
have lt := surely_more one_gt0 first_gt0 U_lo W_hi no.
apply/esym/negbTE; rewrite -ltnNge allE mulnDr [X in _ < X]mulnC.
have b_le : N.to_nat b <= N.to_nat e.
  case: (leqP (N.to_nat b) (N.to_nat e)) => // /ltnW; rewrite -subn_eq0 -/w => /eqP w0.
  by rewrite w0 in lt.
by rewrite -[in X in _ < X](subnK b_le) mulnDl ltn_add2r.
Qed.

Lemma decideP answer : Series.decide one V x t s b e = Some answer ->
  answer = (S * N.to_nat e <= N.to_nat b * all).
Proof.
pose V' := N.to_nat V; pose x' := N.to_nat x; pose t' := N.to_nat t; pose s' := N.to_nat s.
have above enough : encloses one first S (Series.sum one enough (V - x) t (N.succ x) s).
  rewrite /S at_leastE // /first -/x' -[x' in term _ _ _ x']addn0.
  apply: (@sumP (fun j => term V' t' s' (x' + j))); rewrite ?subE ?succE // -?[(N.to_nat x).+1]addn1 => // j jL.
  rewrite addnA addn1 [j + _]addnC.
  by rewrite addnS term_next -?ltn_subRL // subnDA.
have below enough : encloses one first (rest + first) (Series.sum one enough x s (N.succ (V - x)) t).
  have -> : rest + first = \sum_(j < x'.+1) term V' t' s' (x' - j).
    by apply/(@addnI S); rewrite -at_mostE // addnA subnKC.
  rewrite /first -/x' -[x' in term _ _ _ x']subn0.
  apply: (@sumP (fun j => term V' t' s' (x' - j))); rewrite ?succE // => j jL.
  have eq_i : x' - j = (x' - j.+1).+1 by rewrite subnSK.
  rewrite eq_i -/t' -/s' term_next; last by rewrite -eq_i (leq_trans (leq_subr _ _)).
  congr (_ * (_ * _)); rewrite subE; move: x_le jL; rewrite /x' /V'.
  by move: (N.to_nat x) (N.to_nat V) => y W; nat_lia.
rewrite /Series.decide; case: ifP => _; exact: verdictP.
Qed.

End Decide.

(** ** The tests agree *)
Section Agree.
Variables (V x t : N) (d : positive) (b : N) (e : positive).
Let V' := N.to_nat V.
Let x' := N.to_nat x.
Let t' := N.to_nat t.
Let d' := Pos.to_nat d.
Let S := at_least V' x' t' (d' - t').

Let d_gt0 : 0 < d'. Proof. exact/ssrnat.ltP/Pos2Nat.is_pos. Qed.

Lemma exactE : BinTail.tail_at_most V x t d b e =
  (t' <= d') && (S * Pos.to_nat e <= N.to_nat b * d' ^ V').
Proof.
rewrite /BinTail.tail_at_most !binE hornerE !binE; case: leqP => // _.
by rewrite /S /at_least -(horner_tail V' x' t' (d' - t')).
Qed.

Lemma roundsE more one : 0 < N.to_nat one -> x' <= V' -> 0 < t' < d' ->
  Series.rounds more one V x t d b e = BinTail.tail_at_most V x t d b e.
Proof.
move=> + x_le /andP[t_gt0 t_lt]; have s_gt0 : 0 < N.to_nat (N.pos d - t) by rewrite subE subn_gt0.
have decided one' answer : 0 < N.to_nat one' ->
    Series.decide one' V x t (N.pos d - t) b (N.pos e) = Some answer ->
    answer = BinTail.tail_at_most V x t d b e.
  move=> one_gt0 D; rewrite (decideP one_gt0 x_le t_gt0 s_gt0 D) exactE (ltnW t_lt) subE.
  by rewrite subnKC // ltnW.
elim: more one => [|more IH] one one_gt0 /=; case D: (Series.decide _ _ _ _ _ _ _) => [answer|] //;
  try exact: decided D.
by apply: IH; rewrite mulE muln_gt0 one_gt0.
Qed.

Theorem tail_at_mostE : Series.tail_at_most V x t d b e = BinTail.tail_at_most V x t d b e.
Proof.
have : 0 < N.to_nat Series.start by apply/ssrnat.ltP/Pos2Nat.is_pos.
rewrite exactE /Series.tail_at_most; move: Series.start Series.doublings => one more one_gt0.
rewrite lebE -[N.to_nat (N.pos d)]/d' -/t'; case: leqP => // t_le; rewrite !andTb.
have all_gt0 : 0 < d' ^ V' by rewrite expn_gt0 d_gt0.
have certain : S = d' ^ V' -> (N.pos e <=? b)%num = (S * Pos.to_nat e <= N.to_nat b * d' ^ V').
  by move=> ->; rewrite lebE mulnC leq_pmul2r.
have never : S = 0 -> true = (S * Pos.to_nat e <= N.to_nat b * d' ^ V') by move=> ->.
rewrite ltbE -/V' -/x'; case: leqP => [x_le | lt]; last first.
  apply: never; rewrite /S /at_least big_pred0 // => i; apply/negbTE.
  by rewrite -ltnNge (leq_ltn_trans _ lt) // -ltnS.
have splitS := split_at_x t' (d' - t') x_le; rewrite subnKC // -/S in splitS.
rewrite !eqbE !mulE succE -[N.to_nat 2]/2%N -[N.to_nat 0]/0%N -[N.to_nat (N.pos d)]/d'.
rewrite -/x' -/t' -/V'; case: eqP => [x0 | /eqP x_neq0].
  by apply: certain; rewrite splitS x0 big_ord0.
case: eqP => [t_d | /eqP t_neq].
  apply: certain; rewrite splitS big1 // => i _; rewrite /term t_d subnn exp0n ?muln0 //.
  by rewrite subn_gt0 (leq_trans (ltn_ord i)).
case: eqP => [t0 | /eqP t_neq0].
  apply: never; rewrite /S /at_least big1 // => i le_x; rewrite /term t0 exp0n ?muln0 //.
  by rewrite (leq_trans _ le_x) // lt0n.
have t_ok : 0 < t' < d' by rewrite lt0n t_neq0 ltn_neqAle t_neq.
case: andP => [[/eqP half /eqP middle] | _]; last by rewrite roundsE // exactE t_le.
have sE : d' - t' = t' by rewrite -half mul2n -addnn addnK.
have twice : d' ^ V' = 2 * S.
  rewrite splitS mul2n -addnn; congr (_ + _); rewrite /S at_leastE //.
  have -> : (V' - x').+1 = x' by rewrite -subSn // -middle mul2n -addnn addnK.
  rewrite (reindex_inj rev_ord_inj) /=; apply: eq_bigr => j _; rewrite /term sE.
  have eqV : V' = (x' - j.+1) + (x' + j).
    have := ltn_ord j; move: middle; move: x' V' (nat_of_ord j) => y W i; nat_lia.
  have mirror : V' - (x' + j) = x' - j.+1 by rewrite eqV addnK.
  have mirror' : V' - (x' - j.+1) = x' + j by rewrite eqV addKn.
  rewrite mirror mirror' -!mulnA [t' ^ _ * _]mulnC; congr (_ * _).
  by rewrite -bin_sub -?mirror ?subKn // -ltnS; nat_lia.
have S_gt0 : 0 < S by move: all_gt0; rewrite twice muln_gt0.
move: (b + b)%num (addE b b) => bb bbE /=; rewrite lebE bbE addnn -mul2n twice.
by rewrite [X in _ = (_ <= X)]mulnCA mulnA [X in _ = (X <= _)]mulnC leq_pmul2r.
Qed.

End Agree.
