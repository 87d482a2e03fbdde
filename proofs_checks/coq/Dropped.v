(** No hypothesis of [file_end_to_end] can be dropped: for each a file that the judge accepts,
    and an experiment in which it is false more often than alpha. *)
From Coq Require Import PArith NArith.
From mathcomp Require Import all_ssreflect all_algebra.
From Bagcert Require Import Judge.
From Bagcert Require Import Setting Arith Counting Confidence Cohen Claims Checker Guarantee Votes.
From Bagcert Require Import Sampling Rows Levels OneExample EndToEnd Bytes.
From Bagcert Require Printer Document Accepted.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** ** The files: one or two rows, all votes for one label of two *)

Definition first_line (n models examples p q : N) s a r : Document.header :=
  Document.Header n 1 2 models examples p q Document.Cohen s a r None None.

Definition line_of (index : N) (counts : seq N) (label t radius : N) (worst : option N) :
    Document.row :=
  Document.Row index counts
    (Document.Certificate label (Document.Grid.spelled t)
       (Document.Grid.spelled (9007199254740992 - t)) radius worst) None.

Definition no_digest (_ : text) : text := [::].
Definition last_line (rows : seq Document.row) : Document.summary :=
  Document.Summary (N.of_nat (size rows)) [::] None.

Definition bytes_of (h : Document.header) (rows : seq Document.row) : text :=
  Printer.Print.line (Document.Encode.header h) ++
  flatten [seq Printer.Print.line (Document.Encode.row r) | r <- rows] ++
  Printer.Print.line (Document.Encode.summary (last_line rows)).

Definition judged (h : Document.header) (rows : seq Document.row) : bool :=
  Accepted.accepts no_digest h (Printer.Print.line (Document.Encode.header h))
    [seq (Printer.Print.line (Document.Encode.row r), r, (0, 0)%num) | r <- rows]
    (Printer.Print.line (Document.Encode.summary (last_line rows)), last_line rows).

Lemma judged_valid h rows : judged h rows = true ->
  valid no_digest (bytes_of h rows) h rows (last_line rows).
Proof.
move=> ok; exists (Printer.Print.line (Document.Encode.header h)).
exists [seq (Printer.Print.line (Document.Encode.row r), r, (0, 0)%num) | r <- rows].
exists (Printer.Print.line (Document.Encode.summary (last_line rows))).
by rewrite -!map_comp map_id_in.
Qed.

Definition head_sum := first_line 1 3 1 1 2 Document.Simultaneous Modify NoResidual.
Definition rows_sum := [:: line_of 0 [:: 3; 0]%num 0 5674179966309564 0 (Some 1%num)].
Time Lemma sum_judged : judged head_sum rows_sum = true. Proof. by vm_compute. Qed.
