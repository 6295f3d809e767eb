package minutes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestCorrectionsUntilTheDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.begin("# Texte")
	d.refused("correct a draft", d.s.AskCorrection(ctx, access.Actor{}, d.memberConv, "", "Une faute"), problem.Gone, "")
	if r, err := d.s.ReviewFor(ctx, d.memberConv); err != nil || r.Shown() || r.Text != "" {
		t.Errorf("a draft is shown to a participant: %+v, %v", r, err)
	}
	_, err := d.s.SendForReview(ctx, d.one, d.id, d.version(), d.today.AddDays(-1))
	d.refused("a day gone by", err, problem.Invalid, "jusqu_au")
	d.review()
	if n := d.mails("meeting_review"); n != 3 {
		t.Errorf("%d mails for review, want 3", n)
	}
	_, err = d.s.SendForReview(ctx, d.one, d.id, d.version(), d.today)
	d.refused("send twice", err, problem.Conflict, "")
	d.must(d.s.AskCorrection(ctx, access.Actor{}, d.memberConv, "Texte", "<b>Une</b> faute"))
	d.must(d.s.AskCorrection(ctx, access.Actor{}, d.guestConv, "", "Une autre"))
	d.refused("nothing asked", d.s.AskCorrection(ctx, access.Actor{}, d.memberConv, "x", " "), problem.Invalid, "correction")
	d.exec(`UPDATE minutes SET review_until = paris_today() - 1 WHERE meeting_id = $1`, d.id)
	err = d.s.AskCorrection(ctx, access.Actor{}, d.memberConv, "", "Trop tard")
	d.refused("after the day", err, problem.Gone, "")
	if err == nil || !strings.Contains(err.Error(), "jusqu’au") || !strings.Contains(err.Error(), "Écrivez à l’équipe") {
		t.Errorf("the refusal does not say why and what to do: %v", err)
	}
	r, err := d.s.ReviewFor(ctx, d.memberConv)
	if err != nil || r.Open || r.Text != "# Texte" || len(r.Corrections) != 1 {
		t.Errorf("review once closed: %+v, %v", r, err)
	}

	list, err := d.s.Corrections(ctx, d.one, d.id)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d corrections, %v", len(list), err)
	}
	d.refused("refuse without a word", d.s.AnswerCorrection(ctx, d.one, d.id, list[0].ID, 1, false, ""), problem.Invalid, "reponse")
	d.must(d.s.AnswerCorrection(ctx, d.one, d.id, list[0].ID, 1, false, "Le texte est exact"))
	d.refused("answer twice", d.s.AnswerCorrection(ctx, d.two, d.id, list[0].ID, 1, true, ""), problem.Conflict, "")
	d.must(d.s.AnswerCorrection(ctx, d.one, d.id, list[1].ID, 1, true, ""))
	if n := d.mails("minutes_correction"); n != 2 {
		t.Errorf("%d answers sent, want one per author", n)
	}
}

func TestOnlyTheChairValidates(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.begin("# Texte")
	d.refused("validate a draft", d.s.Validate(ctx, d.chair, d.id, d.version()), problem.Conflict, "")
	d.review()
	d.refused("the team validates", d.s.Validate(ctx, d.one, d.id, d.version()), problem.Forbidden, "")
	d.refused("a member validates", d.s.Validate(ctx, d.member, d.id, d.version()), problem.NotFound, "")
	d.refused("nobody validates", d.s.Validate(ctx, access.Actor{}, d.id, d.version()), problem.NotFound, "")
	if _, err := d.s.ForValidation(ctx, d.member, d.id); problem.KindOf(err) != problem.NotFound {
		t.Errorf("a member reads what is to be validated: %v", err)
	}
	d.must(d.s.AskCorrection(ctx, d.member, d.memberConv, "", "Une faute"))
	d.refused("validate with a correction unanswered", d.s.Validate(ctx, d.chair, d.id, d.version()), problem.Conflict, "")
	list, err := d.s.Corrections(ctx, d.one, d.id)
	d.must(err)
	d.must(d.s.AnswerCorrection(ctx, d.one, d.id, list[0].ID, 1, true, ""))
	seen := d.version()
	d.must(d.s.Save(ctx, d.one, d.id, seen, "# Texte corrigé", ""))
	d.refused("validate a text that changed", d.s.Validate(ctx, d.chair, d.id, seen), problem.Conflict, "")
	d.refused("send back without a word", d.s.SendBack(ctx, d.chair, d.id, d.version(), ""), problem.Invalid, "motif")
	d.must(d.s.SendBack(ctx, d.chair, d.id, d.version(), "Le point 2 est incomplet"))
	if v := d.sheet(d.one); v.State != StateDraft || v.SentBack != "Le point 2 est incomplet" {
		t.Errorf("sent back: %s, %q", v.State, v.SentBack)
	}
	if n := d.mails("minutes_back"); n != 2 {
		t.Errorf("%d of the team told, want 2", n)
	}
	d.review()
	d.must(d.s.Validate(ctx, d.chair, d.id, d.version()))
	d.refused("correct what is validated", d.s.AskCorrection(ctx, d.member, d.memberConv, "", "Trop tard"), problem.Gone, "")
	d.must(d.s.Save(ctx, d.one, d.id, d.version(), "# Texte encore corrigé", ""))
	if v := d.sheet(d.one); v.State != StateReview || v.ValidatedAt != nil || v.ValidatedBy != "" {
		t.Errorf("a validated text that changes stays validated: %+v", v)
	}
}

func TestTheTeamValidatesForABodyWithoutChair(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(`UPDATE meeting SET body = $2 WHERE id = $1`, d.id, governance.GNI)
	d.exec(`UPDATE convocation SET chairs = false WHERE meeting_id = $1`, d.id)
	d.begin("# Texte")
	d.review()
	d.refused("a member validates", d.s.Validate(t.Context(), d.member, d.id, d.version()), problem.NotFound, "")
	d.must(d.s.Validate(t.Context(), d.one, d.id, d.version()))
}

func TestPublishedForEver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.begin("# Texte")
	d.refused("publish a draft", d.s.Publish(ctx, d.one, d.id, d.version(), ""), problem.Conflict, "")
	d.review()
	d.must(d.s.Validate(ctx, d.chair, d.id, d.version()))
	if _, err := d.s.Publication(ctx, d.id, 0); problem.KindOf(err) != problem.NotFound {
		t.Errorf("validated minutes are public: %v", err)
	}
	d.refused("a first publication with a reason", d.s.Publish(ctx, d.one, d.id, d.version(), "Motif"), problem.Invalid, "motif")
	d.refused("the chair publishes", d.s.Publish(ctx, d.chair, d.id, d.version(), ""), problem.Forbidden, "")
	d.must(d.s.Publish(ctx, d.one, d.id, d.version(), ""))
	p, err := d.s.Publication(ctx, d.id, 0)
	sum := sha256.Sum256([]byte("# Texte"))
	if err != nil || p.Number != 1 || p.Text != "# Texte" || p.SHA256() != hex.EncodeToString(sum[:]) || !p.InForce() {
		t.Errorf("published: %+v, %v", p, err)
	}
	if n := d.mails("meeting_publication"); n != 3 {
		t.Errorf("%d told of the publication, want 3", n)
	}

	// The text changes: it is validated again, and rectified with a reason.
	d.must(d.s.Save(ctx, d.one, d.id, d.version(), "# Texte exact", ""))
	if p, err = d.s.Publication(ctx, d.id, 0); err != nil || p.Text != "# Texte" {
		t.Errorf("what the public reads while the team writes: %q, %v", p.Text, err)
	}
	d.refused("rectify without the chair", d.s.Publish(ctx, d.one, d.id, d.version(), "Erreur"), problem.Conflict, "")
	d.must(d.s.Validate(ctx, d.chair, d.id, d.version()))
	d.refused("rectify without a reason", d.s.Publish(ctx, d.one, d.id, d.version(), " "), problem.Invalid, "motif")
	d.must(d.s.Publish(ctx, d.one, d.id, d.version(), "Une erreur de montant"))
	old, err := d.s.Publication(ctx, d.id, 1)
	if err != nil || old.InForce() || old.ReplacedFor != "Une erreur de montant" || old.Text != "# Texte" || old.Last != 2 {
		t.Errorf("what was replaced: %+v, %v", old, err)
	}
	if n := d.mails("meeting_rectification"); n != 3 {
		t.Errorf("%d told of the rectification, want 3", n)
	}
	for _, sql := range []string{`UPDATE minutes_publication SET text = 'x'`, `DELETE FROM minutes_publication`, `TRUNCATE minutes_publication`} {
		if _, err := d.db.Exec(ctx, sql); err == nil {
			t.Errorf("%s goes through", sql)
		}
	}
	if n, err := d.s.VerifyPublications(ctx, d.db); n != 2 || err != nil {
		t.Errorf("verify: %d, %v", n, err)
	}
}

func TestVerifyNamesTheTextThatWasChanged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.begin("# Texte")
	err := pgx.BeginFunc(context.Background(), d.db, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO minutes_publication (meeting_id, number, text, sha256, published_by) VALUES ($1, 1, 'faux', sha256('vrai'), '')`, d.id)
		return err
	})
	d.must(err)
	if _, err := d.s.VerifyPublications(t.Context(), d.db); err == nil || !strings.Contains(err.Error(), "publication 1") {
		t.Errorf("verify: %v", err)
	}
}

func TestWhatWaitsForTheTeam(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	count := func(want Pending) {
		t.Helper()
		if got, err := d.s.ToPublish(t.Context()); err != nil || got != want {
			t.Errorf("pending %+v, %v, want %+v", got, err, want)
		}
	}
	count(Pending{ToWrite: 1})
	d.begin("# Texte")
	d.review()
	d.must(d.s.AskCorrection(t.Context(), d.member, d.memberConv, "", "Une faute"))
	count(Pending{InReview: 1, ToAnswer: 1})
	d.must(d.s.AnswerCorrection(t.Context(), d.one, d.id, CorrectionID(d.number(`SELECT max(id) FROM correction`)), 1, true, ""))
	d.must(d.s.Validate(t.Context(), d.chair, d.id, d.version()))
	count(Pending{ToPublish: 1})
	d.must(d.s.Publish(t.Context(), d.one, d.id, d.version(), ""))
	count(Pending{})
}

// TestCorrectionSentTwice: by a personal link nobody is signed in, and no key of the
// form tells a double click.
func TestCorrectionSentTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.begin("# Budget")
	d.review()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if err := d.s.AskCorrection(context.Background(), access.Actor{}, d.memberConv, "Budget", "Il manque un chiffre."); err != nil {
				t.Errorf("one of several at once: %v", err)
			}
		})
	}
	wg.Wait()
	if n := d.number(`SELECT count(*) FROM correction`); n != 1 {
		t.Errorf("%d corrections of one sent six times", n)
	}
	d.must(d.s.AskCorrection(t.Context(), access.Actor{}, d.guestConv, "Budget", "Il manque un chiffre."))
	if n := d.number(`SELECT count(*) FROM correction`); n != 2 {
		t.Errorf("somebody else asks the same: %d corrections, want 2", n)
	}
}

// TestMinutesNameNoOneOfAStructure: minutes are public; who speaks for a structure,
// or was invited, is told by their seat.
func TestMinutesNameNoOneOfAStructure(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	who := d.person("Noa", "Structure", access.Structure)
	conv := d.convene(who, false, "Structures")
	d.exec(`WITH o AS (INSERT INTO organisation (kind, name) VALUES ('structure', 'Association Exemple') RETURNING id),
		s AS (INSERT INTO seat (kind, organisation_id, college, label, during)
			SELECT 'structure', id, 'mediation_numerique', 'Association Exemple', daterange('2025-01-01', NULL) FROM o RETURNING id)
		UPDATE convocation SET seat_id = s.id, organisation_name = 'Association Exemple' FROM s WHERE convocation.id = $1`, conv)
	for _, in := range []ActionInput{{Recipient: conv}, {Recipient: d.memberConv}, {Recipient: d.guestConv}, {Owner: "La Métropole"}} {
		in.What, in.DueOn = "Écrire une note", d.today.AddDays(30)
		if _, err := d.s.RecordAction(t.Context(), d.one, d.id, 0, in); err != nil {
			t.Fatal(err)
		}
	}
	text, err := d.s.Assemble(t.Context(), d.one, d.id)
	d.must(err)
	for word, want := range map[string]bool{"Noa": false, "Association Exemple": true, "Alix Membre": true, "Claude": false, "Expertise nationale": true, "La Métropole": true} {
		if strings.Contains(text, word) != want {
			t.Errorf("« %s » in the minutes: %t, want %t\n%s", word, !want, want, text)
		}
	}
}
