package meeting

import (
	"testing"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func (w *planWorld) planned(body governance.BodyCode, year int) int {
	w.t.Helper()
	return w.number(`SELECT planned FROM cadence($2, paris_today()) WHERE body = $1`, string(body), year)
}

func TestPostponeToADate(t *testing.T) {
	t.Parallel()
	w := newPlanWorld(t)
	old := w.create(w.plan(governance.Partners, 40))
	w.exec(`INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 9, 'Conseillers numériques', 'discussion')`, old.ID)
	w.exec(`INSERT INTO agenda_proposal (body, proposer, title, state, item_id) SELECT 'partenaires', 'Ana', title, 'taken', id FROM agenda_item WHERE title = 'Conseillers numériques'`)
	w.exec(`INSERT INTO document (id, name, media_type, size, sha256) VALUES ('11111111-1111-4111-8111-111111111111', 'a.pdf', 'application/pdf', 1, sha256('a'))`)
	w.exec(`INSERT INTO meeting_document (meeting_id, item_id, document_id, title, audience) SELECT meeting_id, id, '11111111-1111-4111-8111-111111111111', 'Note', 'members' FROM agenda_item WHERE title = 'Conseillers numériques'`)
	if _, err := w.s.AddGuest(t.Context(), planTeam, old.ID, OtherGuest, GuestInput{Name: "Eli Invitée", Email: "eli@example.org"}); err != nil {
		t.Fatal(err)
	}
	w.convene(old.ID)
	old = w.load(old.ID)
	c := CallOff{Version: old.Version, Postpone: true, Reason: "Salle fermée", To: w.slot(61)}
	l, err := w.s.PreviewCallOff(t.Context(), planTeam, old.ID, c)
	if err != nil || l.To != 2 || l.NoAddress != 1 {
		t.Fatalf("preview: %+v, %v", l, err)
	}
	id, err := w.s.CallOff(t.Context(), planTeam, old.ID, c)
	if err != nil {
		t.Fatal(err)
	}
	was, next := w.load(old.ID), w.load(id)
	if was.State != governance.Postponed || was.ReplacedByID != id || next.ReplacesID != old.ID || next.State != governance.Draft {
		t.Errorf("states: %s then %s", was.State, next.State)
	}
	if next.UID != old.UID || next.Sequence != old.Sequence+1 || was.UID == old.UID {
		t.Errorf("calendar: the event does not move: %s %d", next.UID, next.Sequence)
	}
	if n := w.number(`SELECT count(*) FROM agenda_item WHERE meeting_id = $1`, id); n != 4 {
		t.Errorf("%d points carried, want 4", n)
	}
	if n := w.number(`SELECT count(*) FROM meeting_document d JOIN agenda_item i ON i.id = d.item_id WHERE d.meeting_id = $1 AND i.meeting_id = $1 AND i.title = 'Conseillers numériques'`, id); n != 1 {
		t.Errorf("the document did not follow its point")
	}
	if n := w.number(`SELECT count(*) FROM agenda_proposal p JOIN agenda_item i ON i.id = p.item_id WHERE i.meeting_id = $1`, id); n != 1 {
		t.Errorf("the proposal did not follow its point")
	}
	if n := w.number(`SELECT count(*) FROM meeting_guest WHERE meeting_id = $1`, id); n != 1 {
		t.Errorf("%d guests carried", n)
	}
	if n := w.number(`SELECT count(*) FROM mail WHERE kind = 'meeting_postponement' AND text_body LIKE '%Salle fermée%'`); n != 2 {
		t.Errorf("%d mails, want 2", n)
	}
	if _, err := w.s.CallOff(t.Context(), planTeam, old.ID, CallOff{Postpone: true, Reason: "Encore", To: w.slot(70)}); problem.KindOf(err) != problem.Invalid {
		t.Errorf("postponed twice: %v", err)
	}
}

func TestCancelStopsCounting(t *testing.T) {
	t.Parallel()
	w := newPlanWorld(t)
	m := w.create(w.plan(governance.Partners, 40))
	year := m.Day().Year()
	before := w.planned(governance.Partners, year)
	for name, c := range map[string]CallOff{"stale": {Version: m.Version + 1, Reason: "X"}, "no reason": {Version: m.Version}} {
		if _, err := w.s.CallOff(t.Context(), planTeam, m.ID, c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := w.s.CallOff(t.Context(), planTeam, m.ID, CallOff{Version: m.Version, Reason: "Intempéries"}); err != nil {
		t.Fatal(err)
	}
	if got := w.planned(governance.Partners, year); got != before-1 {
		t.Errorf("the cadence counts %d planned, want %d", got, before-1)
	}
	if n := w.number(`SELECT count(*) FROM mail`); n != 0 {
		t.Errorf("%d mails for a draft nobody was told of", n)
	}
	p := w.plan(governance.Partners, 45)
	if err := w.s.Update(t.Context(), planTeam, m.ID, 0, p); problem.KindOf(err) != problem.Invalid {
		t.Errorf("a cancelled meeting is changed: %v", err)
	}
}

func TestPostponeWithoutADateThenFixIt(t *testing.T) {
	t.Parallel()
	w := newPlanWorld(t)
	m := w.create(w.plan(governance.Partners, 40))
	w.convene(m.ID)
	if _, err := w.s.CallOff(t.Context(), planTeam, m.ID, CallOff{Postpone: true, Reason: "Salle fermée"}); err != nil {
		t.Fatal(err)
	}
	sent := w.number(`SELECT count(*) FROM mail`)
	id, err := w.s.CallOff(t.Context(), planTeam, m.ID, CallOff{Postpone: true, Reason: "Salle fermée", To: w.slot(70)})
	if err != nil || id == 0 {
		t.Fatalf("fixing the date: %d, %v", id, err)
	}
	if got := w.load(id); got.UID != m.UID || got.Sequence <= m.Sequence {
		t.Errorf("the event does not move: %s %d", got.UID, got.Sequence)
	}
	if n := w.number(`SELECT count(*) FROM mail`); sent != 2 || n != sent {
		t.Errorf("%d mails, then %d: everybody is told once", sent, n)
	}
}
