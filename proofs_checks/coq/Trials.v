(** Independent trials with unequal probabilities. Their number of successes is log-concave, so
    that raising a probability moves mass upwards in a fixed order; this replaces a derivative
    in SimuEM's Theorem B by exact differences. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Arith Cohen Tails.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Definition prev (f : nat -> rat) (m : nat) : rat := if m is m'.+1 then f m' else 0.

(** The probability of [m] successes, and of at least [x]. *)
Fixpoint trials (s : seq rat) (m : nat) : rat :=
  if s is r :: s' then r * prev (trials s') m + (1 - r) * trials s' m else (m == 0%N)%:R.
Fixpoint trials_tail (s : seq rat) (x : nat) : rat :=
  if s is r :: s' then r * trials_tail s' x.-1 + (1 - r) * trials_tail s' x else (x == 0%N)%:R.

Lemma trials_tail0 s : trials_tail s 0 = 1.
Proof. by elim: s => //= r s ->; rewrite !mulr1 addrC subrK. Qed.

Lemma trials_step s x : trials_tail s x - trials_tail s x.+1 = trials s x.
Proof.
elim: s x => [|r s IH] x /=; first by case: x => [|x]; rewrite /= ?subr0.
rewrite -IH; case: x => [|x] /=; last by rewrite -IH; rat_ring.
by rat_ring.
Qed.

Lemma trials_raise s1 s2 p q x :
  trials_tail (s1 ++ q :: s2) x.+1 - trials_tail (s1 ++ p :: s2) x.+1 =
  (q - p) * trials (s1 ++ s2) x.
Proof.
elim: s1 x => [|r s1 IH] x /=; first by rewrite -trials_step; rat_ring.
have -> (a b u v w z : rat) : a * u + b * v - (a * w + b * z) = a * (u - w) + b * (v - z) by rat_ring.
rewrite IH; case: x => [|x] /=; last by rewrite IH; rat_ring.
by rewrite !trials_tail0; rat_ring.
Qed.

Lemma trials_mid s1 s2 r m :
  trials (s1 ++ r :: s2) m = r * prev (trials (s1 ++ s2)) m + (1 - r) * trials (s1 ++ s2) m.
Proof.
elim: s1 m => [|r1 s1 IH] m //=; rewrite !IH; case: m => [|m] /=; first by rat_ring.
by rewrite !IH; rat_ring.
Qed.

Lemma upper_tail_trials N x q : upper_tail N x q = trials_tail (nseq N q) x.
Proof.
elim: N x => [|N IH] x; last by rewrite upper_tailS !IH.
rewrite /upper_tail big_mkcond big_ord_recl big_ord0 /= addr0 !expr0 bin0 !mulr1.
by case: x.
Qed.

Lemma trials_binomial N q m : (m <= N)%N ->
  trials (nseq N q) m = 'C(N, m)%:R * q ^+ m * (1 - q) ^+ (N - m).
Proof.
elim: N m => [|N IH] [|m] //=; rewrite ?expr0 ?mulr1 //.
  by move=> _; rewrite mulr0 add0r IH // bin0 !subn0 expr0 !mul1r exprS.
rewrite ltnS subSS => le_m; rewrite IH //.
have [lt_m|ge_m] := ltnP m N.
  rewrite IH // binS natrD -[(N - m)%N](@subnSK m N) // !exprS.
  move: ('C(N, m.+1)%:R) ('C(N, m)%:R) (q ^+ m) (_ ^+ (N - m.+1)) => u v w z; rat_ring.
have -> : m = N by apply/eqP; rewrite eqn_leq le_m.
have zero : forall s k, (size s < k)%N -> trials s k = 0.
  elim=> [|r s IHs] [|k] //= lt; rewrite !IHs ?mulr0 ?addr0 //; exact: ltnW.
by rewrite zero ?size_nseq // mulr0 addr0 !binn subnn !expr0 !mulr1 !mul1r exprS.
Qed.

Section Ordered.
Implicit Types s : seq rat.
Definition unit s := all (fun r => (0 < r) && (r < 1)) s.

Lemma trials_ge0 s m : unit s -> 0 <= trials s m.
Proof.
elim: s m => [|r s IH] m /=; first by rewrite ler0n.
case/andP=> /andP [r0 r1] us; have r1' : 0 <= 1 - r by rewrite subr_ge0 ltW.
have r_ge0 := ltW r0; apply: addr_ge0; apply: mulr_ge0 => //; last exact: IH.
by case: m => //= m; apply: IH.
Qed.

Lemma trials_gt0 s m : unit s -> (m <= size s)%N -> 0 < trials s m.
Proof.
elim: s m => [|r s IH] m /=; first by rewrite leqn0 => _ /eqP ->.
case/andP=> /andP [r0 r1] us; have r1' : 0 < 1 - r by rewrite subr_gt0.
case: m => [|m] le_m /=; first by rewrite mulr0 add0r mulr_gt0 // IH.
apply: ltr_paddr; last by rewrite mulr_gt0 // IH.
by apply: mulr_ge0; [apply: ltW | apply: trials_ge0].
Qed.

(** Log-concave. *)
Lemma trials_concave s a b : unit s -> (a <= b)%N ->
  trials s b.+1 * trials s a <= trials s b * trials s a.+1.
Proof.
move=> us; elim: s us a b => [|r s IH] /=; first by move=> _ a b _; rewrite !mulr0 mul0r.
case/andP=> /andP [r0 r1] us a b ab; have {}IH := IH us.
have r_ge0 := ltW r0; have s_ge0 : 0 <= 1 - r by rewrite subr_ge0 ltW.
set g := trials s in IH *; have g_ge0 m : 0 <= g m by apply: trials_ge0.
have cross : 0 <= prev g b * g a.+1 - g b.+1 * prev g a.
  rewrite subr_ge0; move: ab; rewrite leq_eqVlt => /orP [/eqP <-|lt].
    by rewrite mulrC.
  case: a lt => [|a] lt /=; first by rewrite mulr0 mulr_ge0 //; case: (b).
  case: b lt => // b lt /=; apply: (@le_trans _ _ (g b.+1 * g a.+1)).
    by apply: IH; exact: ltnW (ltnW lt).
  by apply: IH.
have lead : 0 <= prev g b * g a - g b * prev g a.
  rewrite subr_ge0; case: a ab {cross} => [|a] /= ab; first by rewrite mulr0 mulr_ge0 //; case: (b).
  by case: b ab => //= b ab; apply: IH.
have tail : 0 <= g b * g a.+1 - g b.+1 * g a by rewrite subr_ge0 IH.
have w0 := mulr_ge0 (mulr_ge0 r_ge0 r_ge0) lead; have w1 := mulr_ge0 (mulr_ge0 s_ge0 s_ge0) tail.
have w2 := mulr_ge0 (mulr_ge0 r_ge0 s_ge0) cross.
apply: (le_by (addr_ge0 (addr_ge0 w0 w1) w2)).
by move: (prev g b) (prev g a) (g b) (g a) (g b.+1) (g a.+1) => u v w x y z; rat_ring.
Qed.

(** Raising one probability raises the ratio of a larger number's mass to a smaller one's. *)
Lemma trials_ratio s1 s2 (e p q : rat) a b : unit (s1 ++ s2) -> 0 < p -> p <= q -> q < 1 ->
  (a <= b)%N -> (a <= size (s1 ++ p :: s2))%N ->
  e * trials (s1 ++ p :: s2) a <= trials (s1 ++ p :: s2) b ->
  e * trials (s1 ++ q :: s2) a <= trials (s1 ++ q :: s2) b.
Proof.
move=> us p0 pq q1 ab a_s le_p; have p1 := le_lt_trans pq q1.
have pos : 0 < trials (s1 ++ p :: s2) a.
  apply: trials_gt0 => //; move: us; rewrite /unit !all_cat /= => /andP [-> ->].
  by rewrite p0 p1.
rewrite -(ler_pmul2r pos) mulrAC; apply: (@le_trans _ _
  (trials (s1 ++ p :: s2) b * trials (s1 ++ q :: s2) a)).
  apply: ler_wpmul2r le_p; apply: trials_ge0; move: us; rewrite /unit !all_cat /=.
  by case/andP=> -> ->; rewrite (lt_le_trans p0 pq) q1.
rewrite !trials_mid; set g := trials (s1 ++ s2); rewrite -subr_ge0 in pq.
have lead : 0 <= prev g b * g a - g b * prev g a.
  rewrite subr_ge0; case: a ab {a_s le_p pos} => [|a] /= ab.
    by rewrite mulr0 mulr_ge0 ?trials_ge0 //; case: (b) => //= m; apply: trials_ge0.
  by case: b ab => //= b ab; apply: trials_concave.
apply: (le_by (mulr_ge0 pq lead)).
by move: (prev g b) (prev g a) (g b) (g a) => u v w x; rat_ring.
Qed.

(** The exact form of: where a density's ratio is at least [e], so is the ratio of its
    integrals. [a] below [b]; from [p] to [q], all N probabilities. *)
Lemma tails_raise M (e p q : rat) a b : 0 < p -> p <= q -> q < 1 -> (a <= b)%N -> (a <= M)%N ->
  e * trials (nseq M p) a <= trials (nseq M p) b ->
  e * (upper_tail M.+1 a.+1 q - upper_tail M.+1 a.+1 p) <=
  upper_tail M.+1 b.+1 q - upper_tail M.+1 b.+1 p.
Proof.
move=> p0 pq q1 ab aM le_p; have p1 := le_lt_trans pq q1; have q0 := lt_le_trans p0 pq.
have unit_mix i j : unit (nseq i q ++ nseq j p).
  by rewrite /unit all_cat !all_nseq p0 p1 q0 q1 !orbT.
have mix i : (i <= M)%N ->
    e * trials (nseq i q ++ nseq (M - i) p) a <= trials (nseq i q ++ nseq (M - i) p) b.
  elim: i => [|i IH] lt_i; first by rewrite subn0.
  have {}IH := IH (ltnW lt_i); rewrite -addn1 nseqD -catA /= addn1.
  apply: (@trials_ratio _ _ e p q) => //.
    by rewrite size_cat /= !size_nseq addnS -addSn subnKC.
  by move: IH; rewrite -(subnSK lt_i).
have low_hi i : (i <= M.+1)%N ->
    e * (trials_tail (nseq i q ++ nseq (M.+1 - i) p) a.+1 - trials_tail (nseq M.+1 p) a.+1) <=
    trials_tail (nseq i q ++ nseq (M.+1 - i) p) b.+1 - trials_tail (nseq M.+1 p) b.+1.
  elim: i => [|i IH] lt_i; first by rewrite subn0 !subrr mulr0.
  have {}IH := IH (ltnW lt_i); rewrite -addn1 nseqD -catA addn1 subSS.
  rewrite -[nseq 1 q ++ _]/(q :: nseq (M - i) p).
  have up x : trials_tail (nseq i q ++ q :: nseq (M - i) p) x.+1 =
      trials_tail (nseq i q ++ nseq (M.+1 - i) p) x.+1 +
      (q - p) * trials (nseq i q ++ nseq (M - i) p) x.
    by rewrite -trials_raise subSn // -[nseq (M - i).+1 p]/(p :: _) addrC subrK.
  rewrite !up; rewrite -subr_ge0 in pq; have := ler_wpmul2l pq (mix i lt_i).
  rewrite -subr_ge0 => w; rewrite -subr_ge0 in IH; apply: (le_by (addr_ge0 w IH)).
  move: (trials_tail _ _) (trials_tail _ _) (trials_tail _ _) (trials_tail _ _) => x y z w'.
  by move: (trials _ _) (trials _ _) => f g; rat_ring.
by rewrite !upper_tail_trials; have := low_hi M.+1 (leqnn _); rewrite subnn cats0.
Qed.

End Ordered.
