(** The theorems, in full, each beside its number in the paper (Jia, Cao, Gong, AAAI 2021).
    [verify.py] checks that every one is closed: no axiom, nothing admitted.

    How to read this file. The words are those of Setting.v (one page): a data set of [n]
    examples is a map ['I_n -> X], so that duplicates are separate elements; [learner],
    [bounded] (eq 2), [poisoned r] (eq 1), [predicts]; and
    [margin k n n' r G = n'^k - 2 (max(n, n') - r)^k + n^k - G], the left side of (4)
    times [n^k]; [holds k n r G] says that it is negative for every size [n'] from
    [max(1, n - r)] to [n + r]. The gap [G] counts lists, and [k], [n], [r], [c] are any
    natural numbers unless a hypothesis says otherwise.
    Further words are explained in a comment where they first occur.

    Probabilities are rational numbers. This loses nothing for a learner without randomness,
    whose probabilities are 0 and 1, nor for any program that draws on finitely many random
    bits, whose probabilities are multiples of a power of 1 / 2; there are finitely many lists,
    so that label probabilities are rational with them. A learner with irrational probabilities
    (an ideal normal sample, say) is not covered: that takes the same proofs over an Archimedean
    real field, which is not done here.

    The first section is the whole; what follows are its parts. The file is long, as it is the
    one place where all theorems are stated that verify.py pins and that the notes name. *)
From Coq Require Import NArith.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Setting Rounding Counting Theorem1 Attacks Radius Corollaries.
From Bagcert Require Import Sizes Confidence Cohen.
From Bagcert Require Import Feasible Randomised Theorem2 Deterministic Exact.
From Bagcert Require Import Claims Checker Checked Guarantee Tails Votes Sign.
From Bagcert Require Import Sampling Canonical Rows Decided Levels Apart Simuem Separated.
From Bagcert Require Import OneExample EndToEnd Bytes.
From Bagcert Require Series SeriesExact.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** * From the bytes of a file to a probability

    The experiment. From a training set [D] of [n] examples, N lists of [k] are drawn: each
    uniformly, with replacement, independently. N base models answer all [e] test examples: on
    one list a model gives the answers [f] with probability [J w f], jointly for all examples,
    so that its answers may depend on each other in any way. An [outcome] is the N lists and the
    N models' answers, and [chance D J] its probability. The votes of example [i] are
    [votes_of o i], and [vote_counts] counts them label by label. What was to be done is fixed
    beforehand: [h] holds n, k, c, N, e, alpha, method, scope, attack, residual.

    The file. [author] wrote its bytes, in knowledge of everything: any function of the outcome.
    [valid digest bytes head rows s]: the second checker says VALID of [bytes]. In full: cut
    into lines anyhow, and read by anyone as a first line [head], [rows] and a last line [s],
    they pass [Accepted.accepts], that is [Judge.start] on the first line, [Judge.take_row] on
    each row and [Judge.finish] on the last, the functions that are extracted to OCaml.
    [experiment head] is what [head] states, less class names and provenance.

    The probability. [at_most P E a]: the event [E] has probability at most [a]. [level_factor h]
    is 1 for [selected] and for [cohen]. For [simuem] it is 1 at c = 2, and beyond that [3 / c],
    so at most 1, where the bounds have property S(N, beta), which [separated] decides from the
    N + 1 bounds alone, and [(c + 1) / c] where they do not. *)

(** **The probability that a file is VALID and any row of it is false is at most alpha.** A row
    is false that has the counts of an example's votes and states the label [l] and the radius
    [r], where poisoning within [r] changes the prediction. *)
Theorem file_end_to_end (h : header) (X : Type) (e : nat) (D : 'I_(N.to_nat (h_n h)) -> X)
    (J : joint X (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e)
    (author : outcome (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e (N.to_nat (h_models h))
                (N.to_nat (h_n h)) -> text)
    (digest : text -> text) (number : 'I_e -> N) :
  is_joint J ->
  (forall i, suits (h_residual h) (at_example J i)) ->
  h_scope h = Simultaneous ->
  e = N.to_nat (h_examples h) ->
  at_most (chance D J)
    (fun o => exists head rows s,
       [/\ valid digest (author o) head rows s, experiment head = h
         & exists i row l lo up r worst n' (D' : 'I_n' -> X),
       [/\ List.In row rows, Document.r_index row = number i,
           Document.r_counts row = vote_counts (votes_of o i),
           Document.r_outcome row = Document.Certificate l lo up r worst
         & reaches (h_attack h) (N.to_nat r) D D' /\
           ~ exists j : 'I_(N.to_nat (h_classes h)),
               N.to_nat l = j /\ predicts (at_example J i) D' j]])
    (level_factor h * fraction (h_num h) (h_den h)).
Proof.
move=> is_J suit sim eE; apply: (at_most_if (level_ge0 h)).
  by move=> o [head [rows [s [is_valid eq_h _]]]]; apply: file_ok is_valid eq_h.
move=> ok; rewrite -(total_simultaneous ok sim eE).
apply: (at_most_sub _ (any_row D ok is_J suit)) => o [head [rows [s [is_valid eq_h]]]].
case=> i [row [l [lo [up [r [w [n' [D' [in_rows _ countsE outE isnt]]]]]]]]]; exists i.
by apply: (file_row is_valid eq_h in_rows countsE outE); exists n', D'.
Qed.

(** The scope [each]: the same of the rows of one example, chosen before the votes. *)
Theorem file_end_to_end_each (h : header) (X : Type) (e : nat) (D : 'I_(N.to_nat (h_n h)) -> X)
    (J : joint X (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e)
    (author : outcome (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e (N.to_nat (h_models h))
                (N.to_nat (h_n h)) -> text)
    (digest : text -> text) (number : 'I_e -> N) (i : 'I_e) :
  is_joint J ->
  (forall i, suits (h_residual h) (at_example J i)) ->
  h_scope h = Each ->
  at_most (chance D J)
    (fun o => exists head rows s,
       [/\ valid digest (author o) head rows s, experiment head = h
         & exists row l lo up r worst n' (D' : 'I_n' -> X),
       [/\ List.In row rows, Document.r_index row = number i,
           Document.r_counts row = vote_counts (votes_of o i),
           Document.r_outcome row = Document.Certificate l lo up r worst
         & reaches (h_attack h) (N.to_nat r) D D' /\
           ~ exists j : 'I_(N.to_nat (h_classes h)),
               N.to_nat l = j /\ predicts (at_example J i) D' j]])
    (level_factor h * fraction (h_num h) (h_den h)).
Proof.
move=> is_J suit sc; apply: (at_most_if (level_ge0 h)).
  by move=> o [head [rows [s [is_valid eq_h _]]]]; apply: file_ok is_valid eq_h.
move=> ok; rewrite -(total_each sc).
apply: (at_most_sub _ (each_row D ok is_J suit i)) => o [head [rows [s [is_valid eq_h]]]].
case=> row [l [lo [up [r [w [n' [D' [in_rows _ countsE outE isnt]]]]]]]].
by apply: (file_row is_valid eq_h in_rows countsE outE); exists n', D'.
Qed.

(** Eq (9): except with that probability, where a VALID file's rows are [about] the examples
    (their numbers, the counts of their votes, their true labels), the certified accuracy that
    it states is true: where it has [m] at the radius [r], the ensemble trained on any data set
    [D'] within [r] is right on [m] of the examples or more. *)
Theorem file_certified_accuracy (h : header) (X : Type) (e : nat)
    (D : 'I_(N.to_nat (h_n h)) -> X)
    (J : joint X (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e)
    (author : outcome (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e (N.to_nat (h_models h))
                (N.to_nat (h_n h)) -> text)
    (digest : text -> text) (truth : 'I_e -> 'I_(N.to_nat (h_classes h))) (number : 'I_e -> N) :
  is_joint J ->
  (forall i, suits (h_residual h) (at_example J i)) ->
  h_scope h = Simultaneous ->
  e = N.to_nat (h_examples h) ->
  at_most (chance D J)
    (fun o => exists head rows s,
       [/\ valid digest (author o) head rows s, experiment head = h,
           forall row, List.In row rows -> exists i, about truth number o i row
         & exists pairs r m n' (D' : 'I_n' -> X),
       [/\ Document.s_accuracy s = Some pairs, [:: r; m] \in pairs,
           reaches (h_attack h) (N.to_nat r) D D'
         & (#|[pred i | predictsb (at_example J i) D' (truth i)]| < N.to_nat m)%N]])
    (level_factor h * fraction (h_num h) (h_den h)).
Proof.
move=> is_J suit sim eE; apply: (at_most_if (level_ge0 h)).
  by move=> o [head [rows [s [is_valid eq_h _ _]]]]; apply: file_ok is_valid eq_h.
move=> ok; rewrite -(total_simultaneous ok sim eE).
apply: (at_most_sub _ (any_row D ok is_J suit)) => o [head [rows [s [is_valid eq_h known]]]].
case=> pairs [r [m [n' [D' [accE in_pairs reach few]]]]].
exact: (file_overstated is_valid eq_h known accE in_pairs reach few).
Qed.

(** What VALID says of the bytes alone: they are the print of a document whose every row is
    true, by Claims.v and Tails.v ([Verdict.true_row]), whose numbers increase, whose digest is
    that of its earlier lines, and whose certified accuracy is that of its rows ... *)
Theorem valid_is_true (digest : text -> text) (bytes : text) (h : Document.header)
    (rows : seq Document.row) (s : Document.summary) :
  valid digest bytes h rows s ->
  bytes = Printer.Print.lines (Document.Encode.document h rows s) /\
  Accepted.true_document digest h rows s.
Proof. by case/valid_true. Qed.

(** ... and of no other document. *)
Theorem bytes_say_one (digest digest' : text -> text) (bytes : text) (h h' : Document.header)
    (rows rows' : seq Document.row) (s s' : Document.summary) :
  valid digest bytes h rows s -> valid digest' bytes h' rows' s' ->
  [/\ h = h', rows = rows' & s = s'].
Proof. exact: valid_one. Qed.

(** The judge's fast tails decide as the one exact sum does. *)
Theorem fast_tails_are_exact (V x t : N) (d : positive) (b : N) (q : positive) :
  Series.Series.tail_at_most V x t d b q = BinTail.tail_at_most V x t d b q.
Proof. exact: SeriesExact.tail_at_mostE. Qed.

(** * Theorem 3, from the lists to the program

    The same of the program of Rows.v, which is short, and judges one row at a time:
    [BinRow.accepts h counts row] computes on binary integers. [author] writes rows here. *)

(** **The probability that the program accepts any false row is at most alpha**: a row that
    states the label [l] and the radius [r], where poisoning within [r] changes the prediction. *)
Theorem end_to_end (h : header) (X : Type) (e : nat) (D : 'I_(N.to_nat (h_n h)) -> X)
    (J : joint X (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e)
    (author : outcome (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e (N.to_nat (h_models h))
                (N.to_nat (h_n h)) -> 'I_e -> row) :
  BinRow.header_ok h = true ->
  is_joint J ->
  (forall i, suits (h_residual h) (at_example J i)) ->
  h_scope h = Simultaneous ->
  e = N.to_nat (h_examples h) ->
  at_most (chance D J)
    (fun o => exists i l lo up r worst n' (D' : 'I_n' -> X),
       [/\ author o i = Certificate l lo up r worst,
           BinRow.accepts h (vote_counts (votes_of o i)) (author o i) = true,
           reaches (h_attack h) (N.to_nat r) D D'
         & ~ exists j : 'I_(N.to_nat (h_classes h)),
               N.to_nat l = j /\ predicts (at_example J i) D' j])
    (level_factor h * fraction (h_num h) (h_den h)).
Proof.
move=> ok is_J suit sim eE; rewrite -(total_simultaneous ok sim eE).
apply: (at_most_sub _ (any_row D ok is_J suit)) => o [i [l [lo [up [r [w [n' [D' []]]]]]]]].
by move=> row acc reach no; exists i, (author o i); split=> //; rewrite row; exists n', D'.
Qed.

(** The scope [each]: the same of every row alone, and of none together. *)
Theorem end_to_end_each (h : header) (X : Type) (e : nat) (D : 'I_(N.to_nat (h_n h)) -> X)
    (J : joint X (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e)
    (author : outcome (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e (N.to_nat (h_models h))
                (N.to_nat (h_n h)) -> 'I_e -> row) (i : 'I_e) :
  BinRow.header_ok h = true ->
  is_joint J ->
  (forall i, suits (h_residual h) (at_example J i)) ->
  h_scope h = Each ->
  at_most (chance D J)
    (fun o => exists l lo up r worst n' (D' : 'I_n' -> X),
       [/\ author o i = Certificate l lo up r worst,
           BinRow.accepts h (vote_counts (votes_of o i)) (author o i) = true,
           reaches (h_attack h) (N.to_nat r) D D'
         & ~ exists j : 'I_(N.to_nat (h_classes h)),
               N.to_nat l = j /\ predicts (at_example J i) D' j])
    (level_factor h * fraction (h_num h) (h_den h)).
Proof.
move=> ok is_J suit sc; rewrite -(total_each sc).
apply: (at_most_sub _ (each_row D ok is_J suit i)) => o [l [lo [up [r [w [n' [D' []]]]]]]].
by move=> row acc reach no; exists (author o i); split=> //; rewrite row; exists n', D'.
Qed.

(** Eq (9): except with that probability, on every data set [D'] within any [r] the ensemble is
    right on as many test examples as the file certifies at [r]. [certified] counts the accepted
    rows that state the true label and a radius of at least [r]. *)
Theorem certified_accuracy (h : header) (X : Type) (e : nat) (D : 'I_(N.to_nat (h_n h)) -> X)
    (J : joint X (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e)
    (author : outcome (N.to_nat (h_k h)) (N.to_nat (h_classes h)) e (N.to_nat (h_models h))
                (N.to_nat (h_n h)) -> 'I_e -> row) (truth : 'I_e -> 'I_(N.to_nat (h_classes h))) :
  BinRow.header_ok h = true ->
  is_joint J ->
  (forall i, suits (h_residual h) (at_example J i)) ->
  h_scope h = Simultaneous ->
  e = N.to_nat (h_examples h) ->
  at_most (chance D J)
    (fun o => exists r n' (D' : 'I_n' -> X), reaches (h_attack h) r D D' /\
       (#|[pred i | predictsb (at_example J i) D' (truth i)]| < certified author truth o r)%N)
    (level_factor h * fraction (h_num h) (h_den h)).
Proof.
move=> ok is_J suit sim eE; rewrite -(total_simultaneous ok sim eE).
exact: accuracy.
Qed.

(** What is accepted, exactly: the program accepts the row that [true_row] describes, whose
    bounds are the tightest on the grid and whose radius is the largest. *)
Theorem accepts_exactly (h : header) (counts : seq N) (stated : row) :
  BinRow.header_ok h = true ->
  BinRow.accepts h counts stated = true <-> true_row h (map N.to_nat counts) stated.
Proof. by move/header_okP => ok; apply: acceptsP. Qed.

(** The tightest: no larger multiple of 1 / d has Pr (Bin(N, .) >= x) <= level, and the one
    that is taken has it, or is 0. *)
Theorem canonical_tightest (V d : nat) (b : rat) (x t : nat) :
  (t <= d)%N -> upper_tail V x (t%:R / d%:R) <= b -> (t <= low_t V d b x)%N.
Proof. exact: low_t_ge. Qed.
Theorem canonical_sound (V d : nat) (b : rat) (x : nat) :
  (low_t V d b x = 0)%N \/ upper_tail V x ((low_t V d b x)%:R / d%:R) <= b.
Proof. by have [|/low_t_tail] := posnP (low_t V d b x); [left|right]. Qed.

(** * Counting (Section 2; Appendix A) *)

(** There are [n^k] lists of [k] examples. *)
Theorem lists_count (k n : nat) : #|{: lists k n}| = (n ^ k)%N.
Proof. exact: card_lists. Qed.

(** With [m] examples shared, a label keeps its mass less at most [n^k - m^k] ... *)
Theorem mass_lower (X : Type) (k c : nat) (A : learner X k c) (n n' m : nat)
    (D : 'I_n -> X) (D' : 'I_n' -> X) (l : 'I_c) :
  is_learner A -> share D D' m ->
  mass A D l - ((n ^ k)%:R - (m ^ k)%:R) <= mass A D' l.
Proof. exact: transfer_lower. Qed.

(** ... and gains at most [n'^k - m^k]. *)
Theorem mass_upper (X : Type) (k c : nat) (A : learner X k c) (n n' m : nat)
    (D : 'I_n -> X) (D' : 'I_n' -> X) (l : 'I_c) :
  is_learner A -> share D D' m ->
  mass A D' l <= mass A D l + ((n' ^ k)%:R - (m ^ k)%:R).
Proof. exact: transfer_upper. Qed.

(** * Theorem 1 *)

(** Theorem 1, for any learner, randomised or not, without the residuals of (4). *)
Theorem theorem1 (X : Type) (k c : nat) (A : learner X k c) (n : nat) (D : 'I_n -> X)
    (l : 'I_c) (pl ps : rat) (r : nat) :
  is_learner A ->
  bounded A D l pl ps ->
  (forall n', (0 < n')%N -> (n <= n' + r)%N -> (n' <= n + r)%N ->
     (n' ^ k)%:R - 2 * ((maxn n n' - r) ^ k)%:R + (n ^ k)%:R - (pl - ps) * (n ^ k)%:R < 0) ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.
Proof. exact: no_residual. Qed.

(** What rounding means: [floorq x] and [ceilq x] are the integers next to [x]. *)
Theorem rounding (x : rat) :
  (floorq x)%:~R <= x < (floorq x + 1)%:~R /\ (ceilq x - 1)%:~R < x <= (ceilq x)%:~R.
Proof. exact: conj (floorq_itv x) (ceilq_itv x). Qed.

(** Theorem 1 as printed, (4) with (21) and (39): its gap is
    floor(pl n^k) - ceil(ps n^k), never larger than the one above. *)
Theorem theorem1_paper (X : Type) (k c : nat) (A : learner X k c) (n : nat) (D : 'I_n -> X)
    (l : 'I_c) (pl ps : rat) (r : nat) :
  is_learner A ->
  bounded A D l pl ps ->
  holds k n r (floorq (pl * (n ^ k)%:R) - ceilq (ps * (n ^ k)%:R))%:~R ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.
Proof. exact: paper_residual. Qed.

(** Theorem 1 for deterministic learners, whose masses are integers. *)
Theorem theorem1_integral (X : Type) (k c : nat) (A : learner X k c) (n : nat)
    (D : 'I_n -> X) (l : 'I_c) (pl ps : rat) (r : nat) :
  deterministic A ->
  bounded A D l pl ps ->
  holds k n r (ceilq (pl * (n ^ k)%:R) - floorq (ps * (n ^ k)%:R))%:~R ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.
Proof. exact: integral. Qed.

(** * Corollaries 1-3 *)

(** Corollary 1, modification: one inequality, [n' = n]. *)
Theorem corollary1 (X : Type) (k c : nat) (A : learner X k c) (n : nat) (D : 'I_n -> X)
    (l : 'I_c) (pl ps : rat) (r : nat) :
  is_learner A ->
  bounded A D l pl ps ->
  (2 * n ^ k)%:R - (2 * (n - r) ^ k)%:R < (pl - ps) * (n ^ k)%:R ->
  forall D' : 'I_n -> X, modified r D D' -> predicts A D' l.
Proof. by move=> lA bD /modify_okE; apply: leads_modify (bounded_leads lA bD). Qed.

(** Corollary 2, deletion: [n' = n - r]. *)
Theorem corollary2 (X : Type) (k c : nat) (A : learner X k c) (n : nat) (D : 'I_n -> X)
    (l : 'I_c) (pl ps : rat) (r : nat) :
  is_learner A ->
  bounded A D l pl ps ->
  (n ^ k)%:R - ((n - r) ^ k)%:R < (pl - ps) * (n ^ k)%:R ->
  forall n' (D' : 'I_n' -> X), deleted r D D' -> predicts A D' l.
Proof. by move=> lA bD /delete_okE; apply: leads_delete (bounded_leads lA bD). Qed.

(** Corollary 3, insertion: [n' = n + r]. *)
Theorem corollary3 (X : Type) (k c : nat) (A : learner X k c) (n : nat) (D : 'I_n -> X)
    (l : 'I_c) (pl ps : rat) (r : nat) :
  is_learner A ->
  bounded A D l pl ps ->
  ((n + r) ^ k)%:R - (n ^ k)%:R < (pl - ps) * (n ^ k)%:R ->
  forall n' (D' : 'I_n' -> X), inserted r D D' -> predicts A D' l.
Proof. by move=> lA bD /insert_okE; apply: leads_insert (bounded_leads lA bD). Qed.

(** The same three for deterministic learners, with the integral gap. *)
Theorem corollaries_integral (X : Type) (k c : nat) (A : learner X k c) (n : nat)
    (D : 'I_n -> X) (l : 'I_c) (pl ps : rat) (r : nat) :
  deterministic A ->
  bounded A D l pl ps ->
  let G : rat := (ceilq (pl * (n ^ k)%:R) - floorq (ps * (n ^ k)%:R))%:~R in
  [/\ (2 * n ^ k)%:R - (2 * (n - r) ^ k)%:R < G ->
        forall D' : 'I_n -> X, modified r D D' -> predicts A D' l,
      (n ^ k)%:R - ((n - r) ^ k)%:R < G ->
        forall n' (D' : 'I_n' -> X), deleted r D D' -> predicts A D' l &
      ((n + r) ^ k)%:R - (n ^ k)%:R < G ->
        forall n' (D' : 'I_n' -> X), inserted r D D' -> predicts A D' l].
Proof.
move=> dA bD G; have lG := bounded_leads_integral dA bD.
by split=> [/modify_okE|/delete_okE|/insert_okE];
   [apply: leads_modify | apply: leads_delete | apply: leads_insert].
Qed.

(** The closed forms, with integer roots: [is_root k a t] says [t^k <= a < (t+1)^k].
    There is exactly one such [t] for [a >= 0]. The paper's
    ceil(n (1 - (1 - Delta/2)^(1/k)) - 1) is the largest [r] below [n - a^(1/k)] with
    [a = n^k - G/2], that is [n - 1 - t]; and so for the others. *)
Theorem integer_root (k : nat) (a : rat) : (0 < k)%N -> 0 <= a ->
  exists t, is_root k a t /\ forall u, is_root k a u -> t = u.
Proof.
move=> k_gt0 /(root_exists k_gt0) [t rt].
by exists t; split=> // u; apply: root_unique k_gt0 rt.
Qed.

(** Corollary 1's closed form: the radius is [n - 1 - t]. *)
Theorem corollary1_closed (k n : nat) (G : rat) (t : nat) : (0 < k)%N -> 0 < G ->
  is_root k ((n ^ k)%:R - G / 2) t ->
  forall r, (2 * n ^ k)%:R - (2 * (n - r) ^ k)%:R < G <-> (r <= n - t.+1)%N.
Proof. by move=> k_gt0 G_gt0 rt r; rewrite -modify_okE; apply: modify_root. Qed.

(** Corollary 2's: [n - 1 - t]. *)
Theorem corollary2_closed (k n : nat) (G : rat) (t : nat) : (0 < k)%N -> 0 < G ->
  is_root k ((n ^ k)%:R - G) t ->
  forall r, (n ^ k)%:R - ((n - r) ^ k)%:R < G <-> (r <= n - t.+1)%N.
Proof. by move=> k_gt0 G_gt0 rt r; rewrite -delete_okE; apply: delete_root. Qed.

(** Corollary 3's: [t - n], where [t^k] is the largest power below [n^k + G]. *)
Theorem corollary3_closed (k n : nat) (G : rat) (t : nat) : (0 < k)%N -> 0 < G ->
  is_root k (ceilq ((n ^ k)%:R + G) - 1)%:~R t ->
  forall r, ((n + r) ^ k)%:R - (n ^ k)%:R < G <-> (r <= t - n)%N.
Proof. by move=> k_gt0 G_gt0 rt r; rewrite -insert_okE; apply: insert_root. Qed.

(** * Modification is the worst attack: any = modify <= insert <= delete *)

(** Corollary 1's inequality is (4), all of it. [G <= n^k] holds whenever
    [pl - ps <= 1]; without it the claim is false (Sharp.v). *)
Theorem any_is_modify (k n r : nat) (G : rat) : (0 < n)%N -> G <= (n ^ k)%:R ->
  holds k n r G <-> (2 * n ^ k)%:R - (2 * (n - r) ^ k)%:R < G.
Proof. by move=> n_gt0 le_G; rewrite -modify_okE; apply: holds_modify. Qed.

Theorem modify_le_insert (k n r : nat) (G : rat) : G <= (n ^ k)%:R ->
  (2 * n ^ k)%:R - (2 * (n - r) ^ k)%:R < G -> ((n + r) ^ k)%:R - (n ^ k)%:R < G.
Proof. by move=> le_G /modify_okE ok; apply/insert_okE; apply: modify_insert. Qed.

Theorem insert_le_delete (k n r : nat) (G : rat) :
  ((n + r) ^ k)%:R - (n ^ k)%:R < G -> (n ^ k)%:R - ((n - r) ^ k)%:R < G.
Proof. by move=> /insert_okE ok; apply/delete_okE; apply: insert_delete. Qed.

(** So that Corollary 1 certifies against any poisoning, without a search over [n']. *)
Theorem corollary1_any (X : Type) (k c : nat) (A : learner X k c) (n : nat)
    (D : 'I_n -> X) (l : 'I_c) (pl ps : rat) (r : nat) :
  is_learner A ->
  bounded A D l pl ps ->
  (0 < n)%N -> pl - ps <= 1 ->
  (2 * n ^ k)%:R - (2 * (n - r) ^ k)%:R < (pl - ps) * (n ^ k)%:R ->
  forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l.
Proof.
move=> lA bD n_gt0 le_1 /modify_okE; apply: (leads_any (bounded_leads lA bD)) => //.
by rewrite ler_pimull // ler0n.
Qed.

(** * Algorithm 1: the radius, by bisection *)

(** (4) is monotone in [r]. *)
Theorem monotone (k n r s : nat) (G : rat) : (r <= s)%N -> holds k n s G -> holds k n r G.
Proof. exact: holds_mono. Qed.

(** [holdsb] decides (4), and [bisect] halves the interval [0, n) [n] times at most:
    the radius exists, is at most [n - 1], and bisection returns it. *)
Theorem bisection (k n : nat) (G : rat) :
  (0 < k)%N -> (0 < n)%N -> 0 < G -> G <= (n ^ k)%:R ->
  let R := bisect (fun r => holdsb k n r G) n 0 n in
  (R < n)%N /\ forall r, holds k n r G <-> (r <= R)%N.
Proof. exact: radius_largest. Qed.

(** * Eq (7): which size is worst *)

(** Only [n' >= n] matters. *)
Theorem larger_sizes (k n r : nat) (G : rat) : (0 < n)%N ->
  holds k n r G <->
  (forall n', (n <= n')%N -> (n' <= n + r)%N -> margin k n n' r G < 0).
Proof. exact: holds_larger. Qed.

(** There the left side of (4) is unimodal: once it falls it falls on ... *)
Theorem unimodal (k n r x : nat) (G : rat) : (n <= x)%N ->
  margin k n x.+1 r G < margin k n x r G -> margin k n x.+2 r G < margin k n x.+1 r G.
Proof. by move=> le_nx; rewrite !margin_fallsE ?leqW //; apply: falls_next. Qed.

(** ... and its maximiser is unique: neighbours differ by an odd number. *)
Theorem unique_maximiser (k n N r x y : nat) (G : rat) : (0 < k)%N ->
  let maximal z := [/\ (n <= z)%N, (z <= N)%N &
    forall u, (n <= u)%N -> (u <= N)%N -> margin k n u r G <= margin k n z r G] in
  maximal x -> maximal y -> x = y.
Proof. exact: maximiser_unique. Qed.

(** The criterion of (7) in integers: the maximiser lies where [x^(k-1)] passes
    [2 (x - r)^(k-1)], or one before. No root is taken; [k = 1] is included ([K = k - 1]). *)
Theorem criterion_falls (K n r x : nat) (G : rat) : (n <= x)%N -> (r <= x)%N ->
  (x ^ K <= 2 * (x - r) ^ K)%N -> margin K.+1 n x.+1 r G < margin K.+1 n x r G.
Proof. by move=> le_nx le_rx; rewrite margin_fallsE //; apply: falls_criterion. Qed.

Theorem criterion_rises (K n r x : nat) (G : rat) : (n <= x)%N -> (r <= x)%N ->
  (2 * (x.+1 - r) ^ K <= x.+1 ^ K)%N -> margin K.+1 n x r G < margin K.+1 n x.+1 r G.
Proof.
move=> le_nx le_rx /(rises_criterion le_rx); rewrite -(margin_fallsE _ _ G le_nx) -leNgt.
rewrite lt_neqAle => ->; rewrite andbT eq_sym; apply/eqP.
exact: neighbours_differ.
Qed.

(** * Theorem 2: the radius cannot be improved

    Here the examples of D differ as values and [fresh] values are not in D. *)

(** The lemma that completes the paper's proof: where (4) fails, it fails at some size
    where the lists that leave the shared part do not outnumber those of [l]. *)
Theorem feasible_size (k n r : nat) (pl ps : rat) : 0 <= pl -> 0 <= ps ->
  ~ holds k n r ((pl - ps) * (n ^ k)%:R) ->
  exists n', [/\ (0 < n')%N, (n <= n' + r)%N, (n' <= n + r)%N,
    0 <= margin k n n' r ((pl - ps) * (n ^ k)%:R)
    & (n ^ k)%:R - (kept n n' r ^ k)%:R <= pl * (n ^ k)%:R].
Proof. exact: Feasible.feasible. Qed.

(** Theorem 2: where (4) fails, a learner that meets (2) with equality, A*, does not predict
    [l] on some poisoned data set; with distinct fresh values, on one without duplicates. *)
Theorem theorem2 (X : eqType) (k c n r : nat) (D : 'I_n -> X) (fresh : 'I_r -> X)
    (l s : 'I_c) (pl ps : rat) :
  (0 < n)%N -> injective D -> (forall i j, fresh i != D j) -> l != s ->
  0 <= pl -> 0 <= ps -> pl + ps <= 1 -> 1 <= pl + (c%:R - 1) * ps ->
  ~ holds k n r ((pl - ps) * (n ^ k)%:R) ->
  exists (A : learner X k c) n' (D' : 'I_n' -> X),
    [/\ is_learner A,
        [/\ prob A D l = pl, prob A D s = ps & forall j, j != l -> prob A D j <= ps],
        poisoned r D D', injective fresh -> injective D' & prob A D' l <= prob A D' s].
Proof.
move=> n_gt0 D_inj new neq_ls pl_ge0 ps_ge0 lo hi fails.
have [A [n' [D' [pD' inj [lA att le_ls _]]]]] := @Theorem2.theorem2 X k c n r D l s pl ps
  n_gt0 D_inj neq_ls pl_ge0 ps_ge0 lo hi fresh new fails.
by exists A, n', D'.
Qed.

(** Theorem 2 for deterministic learners and the integral gap. *)
Theorem theorem2_deterministic (X : eqType) (k c n r : nat) (D : 'I_n -> X)
    (fresh : 'I_r -> X) (l s : 'I_c) (pl ps : rat) :
  (0 < n)%N -> injective D -> (forall i j, fresh i != D j) -> l != s ->
  0 <= pl -> 0 <= ps -> pl + ps <= 1 ->
  let P := ceilq (pl * (n ^ k)%:R) in
  let S := floorq (ps * (n ^ k)%:R) in
  (n ^ k)%:Z <= P + (c%:Z - 1) * S ->
  ~ holds k n r (P - S)%:~R ->
  exists (A : learner X k c) n' (D' : 'I_n' -> X),
    [/\ deterministic A, bounded A D l pl ps, poisoned r D D',
        injective fresh -> injective D' & ~ predicts A D' l].
Proof.
move=> n_gt0 D_inj new neq_ls pl_ge0 ps_ge0 lo P S fills fails.
exact: (@theorem2_integral X k c n r D fresh l s n_gt0 D_inj neq_ls new pl ps).
Qed.

(** The same in whole lists: P for [l], S for [s], at most S for any other. *)
Theorem theorem2_lists (X : eqType) (k c n r : nat) (D : 'I_n -> X) (fresh : 'I_r -> X)
    (l s : 'I_c) (P S : nat) :
  (0 < n)%N -> injective D -> (forall i j, fresh i != D j) -> l != s ->
  (P + S <= n ^ k)%N -> (n ^ k <= P + (c - 1) * S)%N -> ~ holds k n r (P%:R - S%:R) ->
  exists (A : learner X k c) n' (D' : 'I_n' -> X),
    [/\ deterministic A, counts P S l s A D, poisoned r D D',
        injective fresh -> injective D' & ~ predicts A D' l].
Proof. by move=> n_gt0 D_inj new neq_ls; apply: (theorem2_counts n_gt0 D_inj neq_ls new). Qed.

(** Theorems 1 and 2 together: Algorithm 1's radius is exact. [R + 1] is not survived. *)
Theorem exact_radius (X : eqType) (k c n : nat) (D : 'I_n -> X) (l : 'I_c) (pl ps : rat)
    (x0 : X) :
  (0 < n)%N -> (1 < c)%N -> (0 < k)%N -> injective D -> (forall i, x0 != D i) ->
  0 <= ps -> ps < pl -> pl + ps <= 1 -> 1 <= pl + (c%:R - 1) * ps ->
  let R := bisect (fun r => holdsb k n r ((pl - ps) * (n ^ k)%:R)) n 0 n in
  (R < n)%N /\ forall r,
    (forall A : learner X k c, is_learner A -> bounded A D l pl ps ->
      forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l) <-> (r <= R)%N.
Proof.
move=> n_gt0 c_gt1 k_gt0 D_inj new ps_ge0 lt_ps lo hi.
have pl_ge0 : 0 <= pl := le_trans ps_ge0 (ltW lt_ps).
exact: (@radius_exact X k c n D l pl ps n_gt0 c_gt1 D_inj pl_ge0 ps_ge0 lo hi x0 new k_gt0).
Qed.

(** The same for deterministic learners and the integral gap. *)
Theorem exact_radius_deterministic (X : eqType) (k c n : nat) (D : 'I_n -> X) (l : 'I_c)
    (pl ps : rat) (x0 : X) :
  (0 < n)%N -> (1 < c)%N -> (0 < k)%N -> injective D -> (forall i, x0 != D i) ->
  0 <= pl -> 0 <= ps -> pl + ps <= 1 ->
  let P := ceilq (pl * (n ^ k)%:R) in
  let S := floorq (ps * (n ^ k)%:R) in
  (n ^ k)%:Z <= P + (c%:Z - 1) * S -> S < P ->
  let R := bisect (fun r => holdsb k n r (P - S)%:~R) n 0 n in
  (R < n)%N /\ forall r,
    (forall A : learner X k c, deterministic A -> bounded A D l pl ps ->
      forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l) <-> (r <= R)%N.
Proof.
move=> n_gt0 c_gt1 k_gt0 D_inj new pl_ge0 ps_ge0 lo P S fills lt_SP.
exact: (@radius_exact_integral X k c n D l pl ps n_gt0 c_gt1 D_inj pl_ge0 ps_ge0 lo x0 new).
Qed.

(** Corollary 1 is exact against any poisoning ... *)
Theorem corollary1_exact (X : eqType) (k c n r : nat) (D : 'I_n -> X) (l : 'I_c)
    (pl ps : rat) (x0 : X) :
  (0 < n)%N -> (1 < c)%N -> injective D -> (forall i, x0 != D i) ->
  0 <= pl -> 0 <= ps -> pl + ps <= 1 -> 1 <= pl + (c%:R - 1) * ps ->
  (forall A : learner X k c, is_learner A -> bounded A D l pl ps ->
      forall n' (D' : 'I_n' -> X), poisoned r D D' -> predicts A D' l) <->
  (2 * n ^ k)%:R - (2 * (n - r) ^ k)%:R < (pl - ps) * (n ^ k)%:R.
Proof.
move=> n_gt0 c_gt1 D_inj new pl_ge0 ps_ge0 lo hi; rewrite -modify_okE.
exact: (@exact_closed X k c n D l pl ps n_gt0 c_gt1 D_inj pl_ge0 ps_ge0 lo hi x0 new r).
Qed.

(** ... and each corollary against its own attack. *)
Theorem corollaries_exact (X : eqType) (k c n r : nat) (D : 'I_n -> X) (l : 'I_c)
    (pl ps : rat) (x0 : X) :
  (0 < n)%N -> (1 < c)%N -> injective D -> (forall i, x0 != D i) ->
  0 <= pl -> 0 <= ps -> pl + ps <= 1 -> 1 <= pl + (c%:R - 1) * ps ->
  let admitted (A : learner X k c) := is_learner A /\ bounded A D l pl ps in
  let G : rat := (pl - ps) * (n ^ k)%:R in
  [/\ (forall A, admitted A -> forall D' : 'I_n -> X, modified r D D' -> predicts A D' l) <->
        (2 * n ^ k)%:R - (2 * (n - r) ^ k)%:R < G,
      (r < n)%N ->
        ((forall A, admitted A ->
           forall n' (D' : 'I_n' -> X), deleted r D D' -> predicts A D' l) <->
         (n ^ k)%:R - ((n - r) ^ k)%:R < G) &
      (forall A, admitted A ->
         forall n' (D' : 'I_n' -> X), inserted r D D' -> predicts A D' l) <->
        ((n + r) ^ k)%:R - (n ^ k)%:R < G].
Proof.
move=> n_gt0 c_gt1 D_inj new pl_ge0 ps_ge0 lo hi admitted G.
have one := @exact_modify X k c n D l pl ps n_gt0 c_gt1 D_inj pl_ge0 ps_ge0 lo hi x0 new r.
have two := @exact_delete X k c n D l pl ps n_gt0 c_gt1 D_inj pl_ge0 ps_ge0 lo hi r.
have three := @exact_insert X k c n D l pl ps n_gt0 c_gt1 D_inj pl_ge0 ps_ge0 lo hi x0 new r.
split=> [|lt_rn|].
- rewrite -modify_okE; apply: iff_trans one.
  by split=> safe A; [move=> lA bA; apply: safe | case; apply: safe].
- rewrite -delete_okE; apply: iff_trans (two lt_rn).
  by split=> safe A; [move=> lA bA; apply: safe | case; apply: safe].
- rewrite -insert_okE; apply: iff_trans three.
  by split=> safe A; [move=> lA bA; apply: safe | case; apply: safe].
Qed.

(** * The level of one example, behind Theorem 3, in a finite probability space

    The union over the test examples, and Theorem 1 for what is issued and not wrong, are
    not restated. For [selected] and [simuem] the levels of the bounds are hypotheses;
    for [cohen] they are proved of N independent votes.

    [T] is the sample space with weights [P]. A [procedure] says for every outcome whether
    a certificate is issued, for which label, and bounds [lower], [upper] on every label's
    probability. [wrong] is the event: issued, and eq (2) is false of its
    [p_l = lower_l] and [p_s = min (max_{j != l} upper_j) (1 - p_l)] ([cohen]: [1 - p_l]).
    [lower_fails j] and [upper_fails j]: the bound of label [j] misses [p j].
    [t] is the true top label, [s] the true second. *)

(** selected: a wrong certificate needs one of two bounds to fail, or the true top label to
    lose a sign test, each against a label no more probable: [2 b + (c - 1) b'], which is
    [a] at [b = (a - (c - 1) b') / 2]. [beats w i j]: label [i] wins its test against [j]. *)
Theorem selected_level (T : finType) (P : T -> rat) (c : nat) (C : procedure T c)
    (p : 'I_c -> rat) (t s : 'I_c) (beats : T -> 'I_c -> 'I_c -> bool) (b b' : rat) :
  (forall w, 0 <= P w) ->
  (forall j, 0 <= p j) -> \sum_j p j = 1 ->
  s != t -> (forall j, j != t -> p j <= p s) ->
  (forall w, issued C w -> forall j, j != label C w -> beats w (label C w) j) ->
  Pr P (lower_fails C p t) <= b -> Pr P (upper_fails C p s) <= b ->
  (forall j, j != t -> Pr P (fun w => beats w j t) <= b') ->
  Pr P (wrong C p (p_upper C)) <= 2 * b + (c.-1)%:R * b'.
Proof. by move=> P0 p0 p1 st second; apply: (selected P0 p0 p1 st second). Qed.

(** selected at c = 2, where both bounds fail together: [b + b']. *)
Theorem selected_level_two (T : finType) (P : T -> rat) (c : nat) (C : procedure T c)
    (p : 'I_c -> rat) (t s : 'I_c) (beats : T -> 'I_c -> 'I_c -> bool) (b b' : rat) :
  (forall w, 0 <= P w) ->
  (forall j, 0 <= p j) -> \sum_j p j = 1 ->
  s != t -> (forall j, j != t -> p j <= p s) ->
  (forall w, issued C w -> forall j, j != label C w -> beats w (label C w) j) ->
  (forall w, upper_fails C p s w -> lower_fails C p t w) ->
  Pr P (lower_fails C p t) <= b ->
  (forall j, j != t -> Pr P (fun w => beats w j t) <= b') ->
  Pr P (wrong C p (p_upper C)) <= b + (c.-1)%:R * b'.
Proof. by move=> P0 p0 p1 st second; apply: (selected_joint P0 p0 p1 st second). Qed.

(** cohen: at level [b] for its one bound the procedure has level [2 b]. [upper_tail N x q]
    is Pr (Bin(N, q) >= x); issuing takes a majority [x] that is rare at one half. *)
Theorem cohen_level (T : finType) (P : T -> rat) (c N x : nat) (C : procedure T c)
    (p : 'I_c -> rat) (t : 'I_c) (count : T -> 'I_c -> nat) (b : rat) :
  (forall w, 0 <= P w) ->
  (forall j, 0 <= p j) -> \sum_j p j = 1 -> (forall j, p j <= p t) ->
  (forall w, issued C w -> (x <= count w (label C w))%N) -> (N < 2 * x)%N ->
  (forall j, Pr P (fun w => x <= count w j)%N = upper_tail N x (p j)) ->
  upper_tail N x (1 / 2) <= b ->
  Pr P (lower_fails C p t) <= b ->
  Pr P (wrong C p (p_rest C)) <= 2 * b.
Proof. exact: cohen. Qed.

(** N base models that vote independently ([weight p] is the product of their labels'
    probabilities): the count of a label is binomial ... *)
Theorem votes_binomial (c N : nat) (p : 'I_c -> rat) (j : 'I_c) (x : nat) :
  \sum_j p j = 1 ->
  Pr (weight (N := N) p) (fun v => x <= count v j)%N = upper_tail N x (p j).
Proof. by move=> p1; apply: count_binomial. Qed.

(** ... and a lower bound [low] of Clopper-Pearson's kind, Pr (Bin(N, low y) >= y) <= b where
    [low y] is not 0, misses a label's probability with probability [b] at most. *)
Theorem lower_bound_level (c N : nat) (p : 'I_c -> rat) (low : nat -> rat) (b : rat) (j : 'I_c) :
  (forall i, 0 <= p i) -> \sum_i p i = 1 -> 0 <= b ->
  (forall y, (y <= N)%N -> p j < low y -> low y <= 1 /\ upper_tail N y (low y) <= b) ->
  Pr (weight (N := N) p) (fun v => p j < low (count v j)) <= b.
Proof. by move=> p0 p1; apply: lower_level. Qed.

(** So that cohen's level rests on no assumption about probabilities. *)
Theorem cohen_level_votes (c N x : nat) (p : 'I_c -> rat) (t : 'I_c)
    (C : procedure (votes c N) c) (low : nat -> rat) (b : rat) :
  (forall j, 0 <= p j) -> \sum_j p j = 1 -> (forall j, p j <= p t) ->
  (forall v j, lower C v j = low (count v j)) ->
  (forall y, (y <= N)%N -> low y <= 0 \/ low y <= 1 /\ upper_tail N y (low y) <= b) ->
  (forall v, issued C v -> (x <= count v (label C v))%N) -> (N < 2 * x)%N ->
  upper_tail N x (1 / 2) <= b ->
  Pr (weight p) (wrong C p (p_rest C)) <= 2 * b.
Proof. by move=> p0 p1; apply: cohen_votes. Qed.

(** selected's sign test for votes: that label [j], not more probable than [t], has so many of
    their common votes that a fair coin would with probability [b] at most, has probability
    [b] at most. *)
Theorem sign_test_level (c N : nat) (p : 'I_c -> rat) (j t : 'I_c) (b : rat) :
  (forall i, 0 <= p i) -> \sum_i p i = 1 -> j != t -> p j <= p t -> 0 <= b ->
  Pr (weight (N := N) p)
     (fun v => upper_tail (count v j + count v t) (count v j) (1 / 2) <= b) <= b.
Proof. by move=> p0 p1 j_t le_jt; apply: sign_level. Qed.

(** One test, against the next count, decides the tests against all smaller counts. *)
Theorem sign_test_next (b : rat) (top next other : nat) : (other <= next)%N ->
  upper_tail (top + next) top (1 / 2) <= b -> upper_tail (top + other) top (1 / 2) <= b.
Proof. exact: rare_next. Qed.

(** simuem, the part with an easy proof: [c + 2] events of level [b = a / c] each ... *)
Theorem simuem_level (T : finType) (P : T -> rat) (c : nat) (C : procedure T c)
    (p : 'I_c -> rat) (t s : 'I_c) (b : rat) :
  (forall w, 0 <= P w) ->
  (forall j, 0 <= p j) -> \sum_j p j = 1 ->
  (forall j, p j <= p t) -> s != t -> (forall j, j != t -> p j <= p s) ->
  (forall w, issued C w -> p_upper C w < p_lower C w) ->
  (forall j, Pr P (lower_fails C p j) <= b) -> (forall j, Pr P (upper_fails C p j) <= b) ->
  Pr P (wrong C p (p_upper C)) <= (c + 2)%:R * b.
Proof. by move=> P0 p0 p1 top st second; apply: (simuem P0 p0 p1 top st second). Qed.

(** ... and two at c = 2, which is the paper's level [a]. *)
Theorem simuem_level_two (T : finType) (P : T -> rat) (c : nat) (C : procedure T c)
    (p : 'I_c -> rat) (t s : 'I_c) (b : rat) :
  (forall w, 0 <= P w) ->
  (forall j, 0 <= p j) -> \sum_j p j = 1 ->
  (forall j, p j <= p t) -> s != t -> (forall j, j != t -> p j <= p s) ->
  (forall w, issued C w -> p_upper C w < p_lower C w) ->
  (forall j, j != t -> j = s) ->
  (forall w, upper_fails C p s w -> lower_fails C p t w) ->
  (forall w, upper_fails C p t w -> lower_fails C p s w) ->
  Pr P (lower_fails C p t) <= b -> Pr P (lower_fails C p s) <= b ->
  Pr P (wrong C p (p_upper C)) <= 2 * b.
Proof. by move=> P0 p0 p1 top st second; apply: (simuem_joint P0 p0 p1 top st second). Qed.

(** [c + 1] of them for the bounds of this project: two bounds that exclude each other are a
    sign test, so that a wrong label that is issued has won one against the right label. *)
Theorem simuem_level_tests (c V d : nat) (b : rat) (p : 'I_c -> rat)
    (lab : votes c V -> 'I_c) (next : votes c V -> nat) (issue : pred (votes c V)) :
  (0 < d)%N -> (1 < c)%N -> 0 < b -> 2 * b < 1 -> (forall j, 0 <= p j) -> \sum_j p j = 1 ->
  (forall v j, j != lab v -> (count v j <= next v)%N) ->
  (forall v, issue v -> reported_up d b lab next v < reported_low d b lab v) ->
  let C := reporting d b lab issue in
  Pr (weight (N := V) p) (wrong C p (p_upper C)) <= (c + 1)%:R * b.
Proof.
move=> d_gt0 c_gt1 b0 b2 p0 p1 nx rl.
have b1 : b < 1 by apply: le_lt_trans b2; rewrite mulr_natl mulr2n ler_addl ltW.
have b01 : 0 < b < 1 by rewrite b0.
exact: (simuem_tests d_gt0 c_gt1 b01 p0 p1 nx rl b2).
Qed.

(** What that test is: of [x] and [y] votes, [x] or more of them for one label. *)
Theorem bounds_apart_test (V d : nat) (b : rat) (x y : nat) :
  (0 < d)%N -> 2 * b < 1 -> (x + y <= V)%N ->
  1 - low V d b (V - y) < low V d b x -> upper_tail (x + y) x (1 / 2) <= b.
Proof. exact: apart_rare. Qed.

(** Three events are enough where the true top label has half of the mass (Theorem A). *)
Theorem simuem_level_half (c V d : nat) (b : rat) (p : 'I_c -> rat) (c_gt1 : (1 < c)%N)
    (lab : votes c V -> 'I_c) (next : votes c V -> nat) (issue : pred (votes c V)) :
  (0 < d)%N -> 0 < b < 1 -> (forall j, 0 <= p j) -> \sum_j p j = 1 ->
  (forall v j, j != lab v -> (count v j <= next v)%N) ->
  (forall v, issue v -> reported_up d b lab next v < reported_low d b lab v) ->
  1 / 2 <= p (top_label p c_gt1) ->
  let C := reporting d b lab issue in
  Pr (weight (N := V) p) (wrong C p (p_upper C)) <= 3 * b.
Proof. by move=> d_gt0 b01 p0 p1 nx rl half; apply: (simuem_half d_gt0 b01 p0 p1 nx rl half). Qed.

(** And whatever the probabilities, where the bounds have property S (Theorem B). *)
Theorem simuem_level_separated (c V d : nat) (b : rat) (p : 'I_c -> rat)
    (lab : votes c V -> 'I_c) (next : votes c V -> nat) (issue : pred (votes c V)) :
  (0 < d)%N -> (1 < c)%N -> 0 < b -> 2 * b < 1 -> (forall j, 0 <= p j) -> \sum_j p j = 1 ->
  (forall v j, j != lab v -> (count v j <= next v)%N) ->
  (forall v, issue v -> reported_up d b lab next v < reported_low d b lab v) ->
  separated V d b ->
  let C := reporting d b lab issue in
  Pr (weight (N := V) p) (wrong C p (p_upper C)) <= 3 * b.
Proof.
move=> d_gt0 c_gt1 b0 b2 p0 p1 nx rl sep.
have b1 : b < 1 by apply: le_lt_trans b2; rewrite mulr_natl mulr2n ler_addl ltW.
have b01 : 0 < b < 1 by rewrite b0.
exact: (simuem_separated d_gt0 c_gt1 b01 p0 p1 nx rl b2 sep).
Qed.

(** What S(N, beta) says: L(x) + L(z) > 1 implies L(x - 1) + L(z + 1) > 1, for x <= z. *)
Theorem separated_means (V d : nat) (b : rat) : separated V d b <->
  (forall x z : 'I_V.+1, (0 < x)%N -> (x <= z)%N -> (z < V)%N ->
     (d < low_t V d b x + low_t V d b z)%N -> (d < low_t V d b x.-1 + low_t V d b z.+1)%N).
Proof.
split=> [/forallP S x z x0 xz zV lt|S].
  by have /implyP := forallP (S x) z; apply; rewrite x0 xz zV.
by apply/forallP => x; apply/forallP => z; apply/implyP => /and4P []; apply: S.
Qed.

(** * The certificate checker

    [Bin.check a e n k A B d stated] computes on binary integers and is what OCaml runs:
    attack [a], residual [e], bounds [pl = A / d] and [ps = B / d]. Claims.v defines
    [true_claim]: the stated radius is the largest [r] at which (4) holds for every size that
    the attack reaches, with the worst size beyond it, or the reason to abstain is right. *)

(** The checker accepts true claims only ... *)
Theorem checker_is_sound (a : attack) (e : residual) (n k A B : N) (d : positive)
    (stated : claim N) :
  Bin.check a e n k A B d stated = true ->
  true_claim a e (N.to_nat n) (N.to_nat k) (fraction A d) (fraction B d) (claim_nat stated).
Proof. exact: checker_sound. Qed.

(** ... and all of them. *)
Theorem checker_is_complete (a : attack) (e : residual) (n k A B : N) (d : positive)
    (stated : claim N) :
  true_claim a e (N.to_nat n) (N.to_nat k) (fraction A d) (fraction B d) (claim_nat stated) ->
  Bin.check a e n k A B d stated = true.
Proof. exact: checker_complete. Qed.

(** What an accepted certificate is worth: the prediction, on every data set that the attack
    reaches ([suits]: the residual [Integral] is for deterministic learners). *)
Theorem checker_certifies (X : Type) (c : nat) (a : attack) (e : residual) (n k A B : N)
    (d : positive) (r : N) (worst : option N)
    (L : learner X (N.to_nat k) c) (D : 'I_(N.to_nat n) -> X) (l : 'I_c) :
  Bin.check a e n k A B d (Certified r worst) = true ->
  suits e L -> bounded L D l (fraction A d) (fraction B d) ->
  forall n' (D' : 'I_n' -> X), reaches a (N.to_nat r) D D' -> predicts L D' l.
Proof. exact: checked_predicts. Qed.

(** The extracted test of Clopper-Pearson's lower bound: [t / d] is the largest multiple of
    [1 / d] with Pr (Bin(V, t / d) >= x) at most the level [b / e] (0 at [x = 0]). *)
Theorem lower_bound_checked (V x t : N) (d : positive) (b : N) (e : positive) :
  BinTail.lower_test V x t d b e = true <->
  lower_is (N.to_nat V) (N.to_nat x) (Pos.to_nat d) (fraction b e) (N.to_nat t).
Proof. by split; [exact: lower_sound | exact: lower_complete]. Qed.
