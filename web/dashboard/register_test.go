package dashboard

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/structure"
)

func TestRegisterDuties(t *testing.T) {
	t.Parallel()
	today := day.Of(2026, time.November, 23)
	at := func(d day.Day) *time.Time { v := d.At(9, 0); return &v }
	if got := registerDuties(structure.TeamTodo{}, structure.FreshnessCounts{Stale: 3}, today); len(got) != 0 {
		t.Errorf("nothing waits, and the page says %+v", got)
	}
	got := registerDuties(structure.TeamTodo{Waiting: 4, Oldest: at(today.AddDays(-3)), Accesses: 2, Bare: []string{"Ambès", "Bassens"}},
		structure.FreshnessCounts{Stale: 9, Unreachable: 1, Silent: 2}, today)
	var said []string
	for _, x := range got {
		said = append(said, x.Label+" | "+x.Hint)
	}
	want := []string{"4\u00a0structures à examiner | La plus ancienne demande est arrivée il y a 3 jours.",
		"2\u00a0demandes d’accès à une structure | ",
		"1\u00a0fiche n’est plus à jour et n’a personne à qui le rappeler | Aucune personne qui gère la fiche n’a d’adresse électronique.",
		"2\u00a0structures n’ont pas répondu à trois rappels de mise à jour | Le portail ne leur écrit plus\u00a0: un appel peut aider.",
		"2\u00a0communes n’ont aucune structure dans le GNI | Ambès et Bassens."}
	if !slices.Equal(plainSpaces(said), plainSpaces(want)) {
		t.Errorf("got %q", said)
	}
	if got[0].Urgency != vacant {
		t.Error("three days are no delay")
	}
	late := registerDuties(structure.TeamTodo{Waiting: 1, Oldest: at(today.AddDays(-12))}, structure.FreshnessCounts{}, today)
	if late[0].Urgency != overdue || late[0].Status != "En retard" || late[0].Due != today.AddDays(-2) {
		t.Errorf("twelve days: %+v", late[0])
	}
}

func plainSpaces(list []string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], "\u00a0", " ")
	}
	return out
}
