package minutes

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestPartsOfADocumentAreItsParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SliceOfN(rapid.SampledFrom([]string{"# Point", "texte", "", expertHeading, "é ; à"}), 0, 6)
		text, expert := tidy(strings.Join(piece.Draw(t, "text"), "\n\n")), tidy(strings.Join(piece.Draw(t, "expert"), "\n\n"))
		document := whole(text, expert)
		a, b := parts(document)
		if whole(a, b) != document {
			t.Fatalf("%q, then %q", document, whole(a, b))
		}
		if !strings.Contains(text+expert, expertHeading) && (a != text || b != expert) {
			t.Fatalf("%q and %q come back as %q and %q", text, expert, a, b)
		}
	})
}

func TestDifferencesMakeBothTexts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"réunion ", "du ", "GNI", "\n", "  ", "<b>", "é", "🙂 "})
		text := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(word, 0, 60).Draw(t, "words"), "") })
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		var a, b bytes.Buffer
		for _, c := range Differences(before, after) {
			if c.Op != Added {
				a.WriteString(c.Text)
			}
			if c.Op != Removed {
				b.WriteString(c.Text)
			}
		}
		if before == after {
			return
		}
		if a.String() != before || b.String() != after {
			t.Fatalf("from %q to %q: %q, %q", before, after, a.String(), b.String())
		}
	})
}

func TestDifferencesOfManyWords(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 60_000 { // more different words than there are runes before the surrogates
		b.WriteString(strings.Repeat("m", i%7) + string(rune('a'+i%26)) + string(rune(0x4e00+i%20000)) + " ")
	}
	list := Differences(b.String(), b.String()+"fin")
	if n := len(list); n == 0 || !strings.HasSuffix(list[n-1].Text, "fin") {
		t.Errorf("%d changes, the last does not end on the word added", n)
	}
}

func TestExcerptKeepsEveryChange(t *testing.T) {
	t.Parallel()
	before := strings.Repeat("ligne\n", 50)
	list := Excerpt(Differences(before+"a\n"+before, before+"b\n"+before))
	var kept strings.Builder
	skipped := 0
	for _, c := range list {
		kept.WriteString(c.Text)
		if c.Op == Skipped {
			skipped++
		}
	}
	if skipped != 2 || !strings.Contains(kept.String(), "a") || !strings.Contains(kept.String(), "b") || kept.Len() > 100 {
		t.Errorf("%d runs left out, kept %q", skipped, kept.String())
	}
}

func TestTwoEditorsConflict(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.begin("# Un texte")
	version := d.version()
	d.must(d.s.Save(t.Context(), d.one, d.id, version, "# Le texte de Camille", "Ce que dit l’expert."))
	d.refused("save over somebody else's text", d.s.Save(t.Context(), d.two, d.id, version, "# Le texte de Sacha", ""), problem.Conflict, "")
	if got := d.sheet(d.two).Whole(); got != "# Le texte de Camille\n\n"+expertHeading+"\n\nCe que dit l’expert." {
		t.Errorf("the text is %q", got)
	}
	d.must(d.s.Save(t.Context(), d.two, d.id, d.version(), "# Le texte de Sacha", ""))
	d.must(d.s.Restore(t.Context(), d.one, d.id, d.version(), 3))
	if v := d.sheet(d.one); v.Text != "# Le texte de Camille" || v.Expert != "Ce que dit l’expert." || v.Revision != 5 {
		t.Errorf("restored: %+v", v)
	}
	d.refused("restore what was never saved", d.s.Restore(t.Context(), d.one, d.id, d.version(), 99), problem.NotFound, "")
	d.refused("save nothing", d.s.Save(t.Context(), d.one, d.id, d.version(), " \n ", ""), problem.Invalid, "texte")
	d.refused("a member saves", d.s.Save(t.Context(), d.member, d.id, d.version(), "x", ""), problem.Forbidden, "")
	before := d.sheet(d.one)
	d.must(d.s.Save(t.Context(), d.one, d.id, before.Version, before.Text, before.Expert))
	if after := d.sheet(d.one); after.Version != before.Version || after.Revision != before.Revision {
		t.Error("saving the same text made a revision")
	}
}

func TestDraftBelongsToItsAccountAndGoesWhenSaved(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.s.SaveDraft(t.Context(), d.one, d.id, 1, "x", ""); problem.KindOf(err) != problem.NotFound {
		t.Errorf("draft of nothing: %v", err)
	}
	d.begin("# Un texte")
	_, err := d.s.SaveDraft(t.Context(), d.one, d.id, d.version(), "# Un texte plus long", "Expert")
	d.must(err)
	again := d.one
	again.Session = 99 // another session of the same account
	text, expert, ok := d.sheet(again).Draft()
	if !ok || text != "# Un texte plus long" || expert != "Expert" {
		t.Errorf("draft: %q, %q, %v", text, expert, ok)
	}
	if _, _, ok := d.sheet(d.two).Draft(); ok {
		t.Error("somebody else's draft is offered")
	}
	d.must(d.s.Save(t.Context(), d.one, d.id, d.version(), text, expert))
	if d.sheet(d.one).DraftAt != nil {
		t.Error("the draft stays after saving")
	}
	if _, err := d.s.SaveDraft(t.Context(), d.member, d.id, 1, "x", ""); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("a member's draft: %v", err)
	}
}

func TestStartOnlyFromTheOpening(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(`UPDATE meeting SET state = 'convened' WHERE id = $1`, d.id)
	d.refused("start before the meeting", d.s.Start(t.Context(), d.one, d.id), problem.Conflict, "")
	d.exec(`UPDATE meeting SET state = 'in_progress' WHERE id = $1`, d.id)
	d.must(d.s.Start(t.Context(), d.one, d.id))
	d.must(d.s.Start(t.Context(), d.two, d.id)) // again: nothing happens
	if v := d.sheet(d.one); v.State != StateDraft || v.Revision != 1 || v.UpdatedBy != d.one.Name {
		t.Errorf("started: %+v", v)
	}
}
