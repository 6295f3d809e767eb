package details

import (
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/page"
)

// decided makes a meeting and a decision of it, and says which.
func (s site) decided() (meeting governance.MeetingID, decision roadmap.DecisionID) {
	s.T.Helper()
	if err := s.w.DB.QueryRow(s.T.Context(), `
		WITH m AS (INSERT INTO meeting (body, starts_at, ends_at, theme, state) VALUES ('communes', '2031-03-12 10:00+01', '2031-03-12 12:00+01', 'Équipement des écoles', 'draft') RETURNING id),
		d AS (INSERT INTO decision (kind, meeting_id, body, year, number, title, text, outcome, method)
		      SELECT 'decision', id, 'communes', 2031, 77, 'Prêter des ordinateurs', 'Le comité décide de prêter.', 'adopted', 'consensus' FROM m RETURNING id)
		SELECT m.id, d.id FROM m, d`).Scan(&meeting, &decision); err != nil {
		s.T.Fatal(err)
	}
	return meeting, decision
}

func TestLinks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	meeting, decision := s.decided()
	base := partPath(s.w.Idea, partLinks)
	s.Holds(s.Get(base, 200), "Aucune décision", "Aucune réunion")
	for _, q := range []string{"communes+2031-77", "n°+2031-77", "preter+des+ordin", "2031-77&instance=communes", "&instance=communes"} {
		s.Holds(s.Get(base+"/decisions?q="+q, 200), "Prêter des ordinateurs", "Relier", "Créer une action depuis cette décision", "actions/nouvelle?decision="+page.IDText(decision))
	}
	for _, q := range []string{"2031-A77", "2031-78", "gni+2031-77", "%25", "introuvable", "2031-77&page=9"} {
		s.Lacks(s.Get(base+"/decisions?q="+q, 200), "Prêter des ordinateurs")
	}
	for q, there := range map[string]bool{"ecoles": true, "12/3/2031": true, "2031": true, "2031&instance=communes": true, "2031&instance=gni": false, "_": false} {
		if body := s.Get(base+"/reunions?q="+q, 200); there {
			s.Holds(body, "Équipement des écoles")
		} else {
			s.Lacks(body, "Équipement des écoles")
		}
	}
	s.Get(partPath(999_999, partLinks)+"/decisions", 404)

	for range 2 { // the second changes nothing
		s.Post(base+"/decisions", 303, "decision", page.IDText(decision))
		s.Post(base+"/reunions", 303, "reunion", page.IDText(meeting))
	}
	s.Post(partPath(s.w.Shared, partLinks)+"/decisions", 303, "decision", page.IDText(decision))
	s.Post(base+"/decisions", 422, "decision", "999999")
	s.Post(base+"/reunions", 422, "reunion", "999999")
	s.Post(base+"/decisions", 400, "decision", "x")
	s.journalled("link", s.w.Idea, 2)
	s.Holds(s.Get(base, 200), "Prêter des ordinateurs", "Équipement des écoles", "Retirer le lien")
	s.Holds(s.Get(base+"/decisions", 200), "Déjà reliée")

	// On the other side: the public never learns of a proposed action.
	service := roadmap.New(s.w.DB)
	for _, c := range []struct {
		by                  access.Actor
		ofDecision, ofAgain int
	}{{access.Actor{}, 1, 0}, {s.w.MayorBegles, 2, 1}, {s.w.MayorPessac, 1, 0}, {s.w.Chair, 1, 0}, {s.w.Team, 2, 1}} {
		var (
			b postgres.Batch
			m []roadmap.Linked
		)
		roadmap.AddActionsOfMeeting(&b, &m, governance.MeetingID(meeting), c.by)
		d, err := service.ActionsOfDecision(t.Context(), c.by, decision)
		errMeeting := b.Run(t.Context(), s.w.DB)
		if err != nil || errMeeting != nil || len(d) != c.ofDecision || len(m) != c.ofAgain {
			t.Errorf("%q sees %v and %v (%v, %v)", c.by.Name, d, m, err, errMeeting)
		}
	}
	if _, err := service.ActionsOfDecisions(t.Context(), s.w.MayorBegles, []roadmap.DecisionID{decision}); err == nil {
		t.Error("a mayor reads the follow-up of the team")
	}
	if all, err := service.ActionsOfDecisions(t.Context(), s.w.Team, []roadmap.DecisionID{decision}); err != nil || len(all[decision]) != 2 {
		t.Errorf("%v, %v", all, err)
	}

	s.Post(base+"/decisions/retrait", 303, "decision", page.IDText(decision))
	s.Post(base+"/reunions/retrait", 303, "reunion", page.IDText(meeting))
	s.journalled("link", s.w.Idea, 4)
	s.Holds(s.Get(base, 200), "Aucune décision", "Aucune réunion")
	s.refusesOthers(base, base+"/decisions", "decision", page.IDText(decision))
}
