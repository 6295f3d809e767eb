package structure

import (
	"reflect"
	"slices"
	"testing"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestUpdateSectionRights(t *testing.T) {
	t.Parallel()
	w := newSheetWorld(t)
	rename := func(s *Sheet) { s.Summary = "Autre présentation" }
	wantRefusal(t, "a member who only reads", w.change(w.member, Welcome, rename), problem.Forbidden, "")
	wantRefusal(t, "another structure", w.change(w.other, Welcome, rename), problem.NotFound, "")
	if err := w.change(w.manager, Welcome, rename); err != nil {
		t.Errorf("the person in charge: %v", err)
	}
	if err := w.change(w.team, Welcome, func(s *Sheet) { s.Summary = "De l’équipe" }); err != nil {
		t.Errorf("the team: %v", err)
	}
	for _, section := range []Section{ByCollege, People} {
		wantRefusal(t, "section "+string(section), w.change(w.manager, section, func(s *Sheet) { s.College = governance.SocialAction }), problem.Conflict, "")
	}
	wantRefusal(t, "a wrong answer", w.change(w.manager, Place, func(s *Sheet) { s.PostalCode = "x" }), problem.Invalid, "code_postal")
}

// TestUpdateSectionTakesOnlyIts sends a wholly different sheet: one section is taken.
func TestUpdateSectionTakesOnlyIts(t *testing.T) {
	t.Parallel()
	w := newSheetWorld(t)
	for _, section := range SheetSections {
		before := w.sheet()
		sent := Sheet{ID: w.id, Version: before.Version, Name: "Nouveau nom " + string(section), Typology: []string{"ASSO"}, INSEE: "33281", Services: []string{"Aide aux démarches administratives"},
			Summary: "Autre", Programmes: []string{"France Services"}}
		if err := w.s.UpdateSection(t.Context(), w.manager, sent, section); err != nil {
			t.Fatalf("%s: %v", section, err)
		}
		after := w.sheet()
		for _, other := range Sections {
			if same := reflect.DeepEqual(before.values(other), after.values(other)); same == (other == section) {
				t.Errorf("after a change of %s, %s changed: %v", section, other, !same)
			}
		}
		if after.Version != before.Version+1 {
			t.Errorf("%s: version %d after %d", section, after.Version, before.Version)
		}
	}
}

func TestUpdateSectionRenames(t *testing.T) {
	t.Parallel()
	w := newSheetWorld(t)
	if err := w.change(w.manager, Identity, func(s *Sheet) { s.Name, s.Typology = "Éclaireurs fictifs", []string{"BIB"} }); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM organisation o JOIN seat s ON s.organisation_id = o.id AND s.label = o.name
		JOIN structure r ON r.organisation_id = o.id
		WHERE o.id = $1 AND o.name = 'Éclaireurs fictifs' AND o.category LIKE 'Biblio%' AND r.sort_name LIKE 'eclaireurs%'`, w.id); n != 1 {
		t.Error("the organisation, its seat or the words of search do not have the new name")
	}
	if _, err := w.s.Record(t.Context(), w.team, NewRecord{Sheet: Sheet{Name: "Structure voisine", College: governance.SocialAction, INSEE: "33063",
		SIRET: "00000000200014", Typology: []string{"ASSO"}, Services: fullSheet().Services}}); err != nil {
		t.Fatal(err)
	}
	if err := w.change(w.manager, Identity, func(s *Sheet) { s.Name = "Structure voisine" }); err != nil {
		t.Errorf("a name that another structure has: %v", err)
	}
	wantRefusal(t, "a SIRET that another structure has", w.change(w.manager, Identity, func(s *Sheet) { s.SIRET = "000 000 002 00014" }), problem.Invalid, "siret")
}

func TestUpdateSectionForgetsAStalePlace(t *testing.T) {
	t.Parallel()
	w := newSheetWorld(t)
	w.exec(`UPDATE structure SET latitude = 44.8, longitude = -0.6 WHERE organisation_id = $1`, w.id)
	if err := w.change(w.manager, Place, func(s *Sheet) { s.MetropoleWide = false }); err != nil {
		t.Fatal(err)
	}
	if s := w.sheet(); s.Latitude == nil {
		t.Error("the point is forgotten though the address did not change")
	}
	if err := w.change(w.manager, Place, func(s *Sheet) { s.Address = "1 place du Modèle" }); err != nil {
		t.Fatal(err)
	}
	if s := w.sheet(); s.Latitude != nil || s.Longitude != nil {
		t.Error("the point of the old address stays")
	}
}

// TestTwoPeopleTwoSections: the same section clashes, two sections do not.
func TestTwoPeopleTwoSections(t *testing.T) {
	t.Parallel()
	w := newSheetWorld(t)
	first, second, third := w.sheet(), w.sheet(), w.sheet()
	first.Shown, second.Shown, third.Shown = first.Stamp(Welcome), second.Stamp(Networks), third.Stamp(Welcome)
	first.Summary, second.Aladdin, third.Summary = "La première", AladdinRelay, "La troisième"
	if err := w.s.UpdateSection(t.Context(), w.manager, first, Welcome); err != nil {
		t.Fatal(err)
	}
	if err := w.s.UpdateSection(t.Context(), w.team, second, Networks); err != nil {
		t.Errorf("another section: %v", err)
	}
	wantRefusal(t, "the same section", w.s.UpdateSection(t.Context(), w.team, third, Welcome), problem.Conflict, "")
	if s := w.sheet(); s.Summary != "La première" || s.Aladdin != AladdinRelay {
		t.Errorf("kept %q, %s", s.Summary, s.Aladdin)
	}
	third.Version = w.sheet().Version // read again, and wanted all the same
	if err := w.s.UpdateSection(t.Context(), w.team, third, Welcome); err != nil {
		t.Errorf("once read again: %v", err)
	}
	third.Version, third.Shown, third.Summary = third.Version-1, "", "Sans empreinte"
	wantRefusal(t, "a form without stamp", w.s.UpdateSection(t.Context(), w.team, third, Welcome), problem.Conflict, "")
}

func TestUpdateSectionTells(t *testing.T) {
	t.Parallel()
	w := newSheetWorld(t)
	const old = `UPDATE structure SET up_to_date_at = now() - interval '20 months', reminders = 2 WHERE organisation_id = $1`
	w.exec(old, w.id)
	if err := w.change(w.team, Offer, func(s *Sheet) { s.Fees = nil }); err != nil {
		t.Fatal(err)
	}
	if s := w.sheet(); s.Freshness != Expired {
		t.Errorf("a change by the team makes the sheet %s", s.Freshness)
	}
	for _, summary := range []string{"Une", "Deux", "Trois"} {
		if err := w.change(w.manager, Welcome, func(s *Sheet) { s.Summary = summary }); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.change(w.manager, Offer, func(s *Sheet) { s.Audiences = nil }); err != nil {
		t.Fatal(err)
	}
	if s := w.sheet(); s.Freshness != Fresh {
		t.Errorf("a change by the structure leaves the sheet %s", s.Freshness)
	}
	steps, err := storyOf(t.Context(), w.db, w.id, false)
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, x := range steps {
		if x.Kind == StepChanged {
			notes = append(notes, x.Note)
		}
	}
	if want := []string{"accueil du public, services", "services"}; !slices.Equal(notes, want) {
		t.Errorf("the story says %q, want %q", notes, want)
	}
	w.exec(`UPDATE structure_step SET at = at - interval '61 minutes' WHERE structure_id = $1`, w.id)
	journal, version := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'structure.change' AND object_id = $1`, w.id), w.sheet().Version
	if journal != 5 {
		t.Errorf("%d changes are in the journal, want 5", journal)
	}
	if err := w.change(w.manager, Offer, func(s *Sheet) { s.Services = []string{s.Services[1], " " + s.Services[0]} }); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'structure.change' AND object_id = $1`, w.id); n != journal || w.sheet().Version != version {
		t.Error("what is typed as it was makes a change")
	}
	if err := w.change(w.manager, Offer, func(s *Sheet) { s.Fees = []string{"Payant"} }); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM structure_step WHERE structure_id = $1 AND kind = 'changed'`, w.id); n != 3 {
		t.Errorf("%d lines of the story an hour later, want 3", n)
	}
}

func TestUpdateSectionLogsConsents(t *testing.T) {
	t.Parallel()
	w := newSheetWorld(t)
	before := w.count(`SELECT count(*) FROM structure_consent WHERE structure_id = $1`, w.id)
	if err := w.change(w.manager, Consents, func(s *Sheet) { s.PublishContacts = false }); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM structure_consent WHERE structure_id = $1`, w.id); n != before+1 {
		t.Errorf("%d answers are logged, want 1", n-before)
	}
	if n := w.count(`SELECT count(*) FROM structure_consent WHERE structure_id = $1 AND use = 'contacts' AND NOT given AND by_name = $2 AND wording = $3`,
		w.id, w.manager.Name, UseContacts.Wording()); n != 1 {
		t.Error("the refusal is not logged in the words it was asked in")
	}
}

func TestApplicantChangesItsCollege(t *testing.T) {
	t.Parallel()
	w := newSheetWorld(t)
	sheet := fullSheet()
	sheet.Name, sheet.SIRET = "Candidate fictive", "00000000200014"
	id, err := w.s.Record(t.Context(), w.team, NewRecord{Sheet: sheet})
	if err != nil {
		t.Fatal(err)
	}
	old, err := load(t.Context(), w.db, id)
	if err != nil {
		t.Fatal(err)
	}
	next := old
	next.College = governance.SocialAction
	if err := w.s.updateSection(t.Context(), w.db, w.member, old, next, ByCollege); err != nil {
		t.Fatal(err)
	}
	if s, err := load(t.Context(), w.db, id); err != nil || s.College != governance.SocialAction {
		t.Errorf("college %s, %v", s.College, err)
	}
	old.State = Accepted
	wantRefusal(t, "once accepted", w.s.updateSection(t.Context(), w.db, w.member, old, next, ByCollege), problem.Conflict, "")
	old.State = Merged
	wantRefusal(t, "once merged", w.s.updateSection(t.Context(), w.db, w.team, old, next, Welcome), problem.Conflict, "")
}

func TestPublicSheet(t *testing.T) {
	t.Parallel()
	w := newSheetWorld(t)
	read := func() Sheet {
		t.Helper()
		s, err := w.s.PublicSheet(t.Context(), w.id)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := read(); s.Phone == "" || s.Summary == "" || s.Name == "" {
		t.Errorf("a sheet that is published misses something: %+v", s)
	}
	w.exec(`UPDATE structure SET publish_contacts = false WHERE organisation_id = $1`, w.id)
	if s := read(); s.Phone != "" || len(s.Emails) > 0 || s.Summary == "" {
		t.Errorf("without contacts: %+v", s)
	}
	w.exec(`UPDATE structure SET publish_sheet = false WHERE organisation_id = $1`, w.id)
	s, full := read(), w.sheet()
	want := Sheet{ID: full.ID, Name: full.Name, State: full.State, College: full.College, INSEE: full.INSEE, Commune: full.Commune, UpToDateAt: full.UpToDateAt, Freshness: full.Freshness}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("unpublished: %+v", s)
	}
	for _, state := range States {
		into := ""
		if state == Merged {
			into = ", merged_into = (SELECT max(organisation_id) FROM structure)"
		}
		if state == Accepted || into != "" {
			continue
		}
		w.exec(`UPDATE structure SET state = $2, submitted_at = now() WHERE organisation_id = $1`, w.id, string(state))
		s, err := w.s.PublicSheet(t.Context(), w.id)
		if state == Left { // until its seat closes the composition of the GNI names it
			want.State = Left
			if err != nil || !reflect.DeepEqual(s, want) {
				t.Errorf("leaving: %+v, %v", s, err)
			}
			continue
		}
		if err != ErrNotFound {
			t.Errorf("%s: got %v", state, err)
		}
	}
	if _, err := w.s.PublicSheet(t.Context(), w.id+1000); err != ErrNotFound {
		t.Errorf("none: got %v", err)
	}
}

func TestMergedSheetLeadsToTheOther(t *testing.T) {
	t.Parallel()
	w := newSheetWorld(t)
	sheet := fullSheet()
	sheet.Name, sheet.SIRET = "Fusionnée fictive", "00000000200014"
	other, err := w.s.Record(t.Context(), w.team, NewRecord{Sheet: sheet})
	if err != nil {
		t.Fatal(err)
	}
	w.exec(`UPDATE structure SET state = 'merged', merged_into = $2 WHERE organisation_id = $1`, other, w.id)
	s, err := w.s.PublicSheet(t.Context(), other)
	if want := (Sheet{ID: other, State: Merged, MergedInto: w.id}); err != nil || !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestCommunesToChooseFrom(t *testing.T) {
	t.Parallel()
	w := newSheetWorld(t)
	all, err := w.s.Communes(t.Context())
	if err != nil || len(all) != 28 {
		t.Fatalf("%d communes, %v", len(all), err)
	}
	for _, c := range all {
		if !slices.Contains(communeCodes, c.INSEE) || c.Name == "" {
			t.Errorf("commune %+v", c)
		}
	}
}
