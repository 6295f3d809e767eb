package demo

import (
	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// mandateWorkshop is the workshop of the year before: what people contributed to it
// is published.
var mandateWorkshop = script{theme: "Écrire ensemble le modèle de mandat des aidants", points: []point{
	{title: "Ce que disent les contributions", rapporteur: team, kind: meeting.ForInformation, minutes: 30,
		note: "Les contributions reçues avant l’atelier sont lues et regroupées : consentement, codes personnels, fin de l’accompagnement."},
	{title: "Rédaction en groupes", rapporteur: "Structures d’action sociale", kind: meeting.ForDiscussion, minutes: 90,
		note: "Trois groupes rédigent chacun une partie du modèle, puis croisent leurs textes."},
}}

var contributions = []string{
	"La personne aidée doit pouvoir relire le mandat à tête reposée et le reprendre à tout moment.",
	"Il faut dire clairement que les codes personnels ne sont jamais notés, ni gardés dans un téléphone.",
	"Prévoir une version facile à lire, et une version orale pour les personnes qui ne lisent pas.",
}

// markets is the workshop held a few days ago, whose minutes are being written.
var markets = script{theme: "Aller vers : permanences sur les marchés", points: []point{
	{title: "Deux essais possibles", rapporteur: team, kind: meeting.ForInformation, minutes: 30,
		note: "Deux marchés volontaires sont présentés : l’un le samedi matin, l’autre en semaine. Les besoins en matériel sont modestes ; la confidentialité demande un espace fermé."},
	{title: "Conditions de réussite", rapporteur: "Structures de médiation numérique", kind: meeting.ForDiscussion, minutes: 60,
		note: "Les structures insistent sur la régularité : mieux vaut une présence courte chaque semaine qu’une grande opération."},
}}

// workshops are held beside the sessions, and no cadence counts them.
func (w *world) workshops() error {
	last := weekdayNear(day.Of(w.today.Year()-1, 10, 2))
	if !last.Before(founded) {
		g := gathering{body: governance.GNI, kind: meeting.Workshop, script: mandateWorkshop, start: last.At(14, 0), end: last.At(17, 0), place: "Médiathèque de Mériadeck, atelier"}
		if err := w.pastWorkshop(&g); err != nil {
			return err
		}
		if err := w.contribute(g); err != nil {
			return err
		}
		if err := w.pastMinutes(g); err != nil {
			return err
		}
	}
	recent := weekdayNear(w.today.AddDays(-11))
	g := gathering{body: governance.GNI, kind: meeting.Workshop, script: markets, start: recent.At(9, 0), end: recent.At(11, 0), place: "Hôtel de Bordeaux Métropole, salle Garonne"}
	if err := w.pastWorkshop(&g); err != nil {
		return err
	}
	return w.Minutes.Start(w.ctx, actor, g.id)
}

func (w *world) pastWorkshop(g *gathering) (err error) {
	if g.id, err = w.plan(*g, true); err != nil {
		return err
	}
	for _, step := range []func(gathering) error{w.pastConvocation, w.pastRoll, w.leave} {
		if err := step(*g); err != nil {
			return err
		}
	}
	return nil
}

// contribute writes what people sent before the workshop, kept by the team.
func (w *world) contribute(g gathering) error {
	_, err := postgres.Exec(w.ctx, w.DB, `
		INSERT INTO contribution (meeting_id, convocation_id, text, state, created_at)
		SELECT $1, c.id, t.text, 'kept', $3
		FROM unnest($2::text[]) WITH ORDINALITY AS t(text, n)
		JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM convocation WHERE meeting_id = $1) c ON c.n = 7 * t.n`,
		g.id, contributions, g.start.AddDate(0, 0, -4))
	return postgres.Wrap(err, "contributions")
}

// partnersPoll asks the partners for a date, instead of the meeting that was put off
// or before the next one.
func (w *world) partnersPoll() error {
	first := weekdayNear(w.today.AddDays(24))
	second := weekdayNear(w.today.AddDays(29))
	at := func(d day.Day, from int) meeting.Slot {
		return meeting.Slot{StartsAt: d.At(from, 0), EndsAt: d.At(from+2, 0)}
	}
	id, err := w.Meetings.Create(w.ctx, actor, meeting.Plan{Body: governance.Partners, Kind: meeting.Session, Slot: at(first, 10),
		Place: "Hôtel de Bordeaux Métropole, salle Dordogne", Theme: "Projets communs de l’année suivante"})
	if err != nil {
		return err
	}
	err = w.Meetings.OpenPoll(w.ctx, actor, id, meeting.PollInput{Closes: w.today.AddDays(10),
		Message: "La réunion d’octobre a été reportée : dites-nous ce qui vous convient.",
		Dates:   []meeting.Slot{at(first, 10), at(first, 14), at(second, 10)}})
	if err != nil {
		return err
	}
	_, err = postgres.Exec(w.ctx, w.DB, `
		WITH v AS (UPDATE poll_voter v SET answered_at = now(), version = 2 FROM date_poll p WHERE p.id = v.poll_id AND p.meeting_id = $1 AND v.id % 5 < 3 RETURNING v.id, v.poll_id)
		INSERT INTO poll_answer (voter_id, option_id, answer)
		SELECT v.id, o.id, (ARRAY['yes', 'yes', 'if_needed', 'no'])[1 + abs(hashtext(v.id || ':' || o.id)) % 4] FROM v JOIN poll_option o ON o.poll_id = v.poll_id`, id)
	return postgres.Wrap(err, "answers to the poll")
}

// proposals are points that members lay before the team, two of them waiting.
func (w *world) proposals() error {
	for _, p := range []struct {
		person access.PersonID
		in     meeting.NewProposal
	}{
		{w.reps[governance.SocialAction][0], meeting.NewProposal{Body: governance.GNI, Title: "Accès au matériel reconditionné : qui peut en bénéficier ?",
			Text: "Les critères changent d’un lieu à l’autre. Nous proposons d’en parler et d’écrire une règle commune."}},
		{w.reps[governance.DigitalMediation][3], meeting.NewProposal{Body: governance.GNI, Title: "Un agenda commun des permanences",
			Text: "Beaucoup de structures tiennent le leur. Un agenda commun éviterait les jours sans personne."}},
	} {
		by := as(p.person)
		if err := w.name(&by); err != nil {
			return err
		}
		if _, err := w.Meetings.Propose(w.ctx, by, p.in); err != nil {
			return err
		}
	}
	return nil
}

// name gives the actor the name of its person, acting for a structure.
func (w *world) name(a *access.Actor) (err error) {
	a.Acting = access.Capacity{Role: access.Structure}
	a.Name, err = postgres.Value[string](w.ctx, w.DB, `SELECT first_name || ' ' || last_name FROM person WHERE id = $1`, a.Person)
	return postgres.Wrap(err, "name of a person")
}
