package demo

import (
	"fmt"
	"math"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/national"
)

// members is how many structures are accepted: « quelques 160 structures locales ».
const members = 160

// structures records the members of the GNI, half in each college, with their sheets.
func (w *world) structures() error {
	communes, err := w.Governance.Communes(w.ctx)
	if err != nil {
		return err
	}
	for n := 1; n <= members; n++ {
		p := w.person(fmt.Sprintf("structure-%03d", n))
		people := []structure.Contact{{First: p.First, Last: p.Last, Email: p.Email, Title: "Personne référente", InCharge: true, Manager: true}}
		if n == 1 {
			people = append(people, w.colleagues()...)
		}
		_, err := w.Structures.Record(w.ctx, actor, structure.NewRecord{Sheet: sheetOf(n, communes[communeOf(n, len(communes))]), People: people, From: joinedOn(n)})
		if err != nil {
			return fmt.Errorf("structure %d: %w", n, err)
		}
	}
	if err := w.findRepresentatives(); err != nil {
		return err
	}
	if err := w.requests(communes); err != nil {
		return err
	}
	if err := w.formerMembers(communes); err != nil {
		return err
	}
	return w.ages()
}

// colleagues are two more people of the first structure: one of its own, and the
// delegate of Bègles, who acts for both and switches.
func (w *world) colleagues() []structure.Contact {
	p := w.person("structure-001-equipe")
	return []structure.Contact{
		{First: p.First, Last: p.Last, Email: p.Email, Title: "Membre de l’équipe"},
		{First: "Agent", Last: "Bègles", Email: "agent-begles@example.org", Title: "Membre de l’équipe"},
	}
}

// findRepresentatives notes who holds the seats, among whom the GNI designated its ten.
func (w *world) findRepresentatives() error {
	type holder struct {
		College governance.College
		Person  access.PersonID
	}
	held, err := postgres.List[holder](w.ctx, w.DB, `
		SELECT s.college, m.person_id AS person FROM seat s JOIN mandate m ON m.seat_id = s.id WHERE s.kind = 'structure' ORDER BY s.id`)
	if err != nil {
		return err
	}
	for _, h := range held {
		w.reps[h.College] = append(w.reps[h.College], h.Person)
	}
	return nil
}

// pick returns some values of a list, always the same for a seed.
func pick(v national.Vocabulary, seed, count int) []string {
	var out []string
	for i, t := range v {
		if len(out) < count && (seed*7+i*5+seed/(i+1))%len(v) < count {
			out = append(out, t.Value)
		}
	}
	if len(out) == 0 {
		out = append(out, v[seed%len(v)].Value)
	}
	return out
}

// sheetOf is the sheet of the nth structure: odd ones do social work, even ones
// digital mediation. Its SIRET begins by 999, which INSEE gives to nobody.
func sheetOf(n int, c governance.CommuneTile) structure.Sheet {
	place := places[c.INSEE]
	lat, lon := near(place.lat, n%9-4), near(place.lon, n%7-3)
	shown := n%13 != 7
	name := structureName(n) + ", " + c.Name
	s := structure.Sheet{
		Name: name, College: governance.SocialAction, SIRET: fictionalSIRET(n), INSEE: c.INSEE,
		Address: fmt.Sprintf("%d %s", 1+n*3%89, streets[n%len(streets)]), PostalCode: place.postal, Latitude: &lat, Longitude: &lon,
		Typology: []string{socialTypologies[n/2%len(socialTypologies)]}, Services: pick(national.Services, n, 2+n%3),
		Audiences: pick(national.Audiences, n+1, n%3), SupportModes: pick(national.SupportModes, n, 2), AccessModes: []string{"Se présenter", "Téléphoner"},
		Fees: []string{national.Fees[n*n%7%3].Value}, Mobility: []string{"Fixe"}, HoursText: hours[n%len(hours)].text, Hours: hours[n%len(hours)].osm,
		Phone: fmt.Sprintf("+3355699%04d", n), Emails: []string{fmt.Sprintf("contact-%03d@example.org", n)}, Websites: []string{fmt.Sprintf("https://structure-%03d.example.org", n)},
		PublishSheet: shown, PublishContacts: shown && n%5 != 4, ShareNational: shown && n%6 != 5,
	}
	if n%2 == 0 {
		s.College, s.Typology = governance.DigitalMediation, []string{digitalTypologies[n/2%len(digitalTypologies)]}
	}
	s.Summary = summaries[n%2][n/2%len(summaries[0])]
	networksOf(&s, n)
	if n%23 == 0 {
		s.Mobility, s.MetropoleWide = []string{"Itinérant"}, true
	}
	return s
}

// near moves a coordinate by some thousandths of a degree, about a hundred metres each.
func near(degrees float64, thousandths int) float64 {
	return math.Round((degrees+float64(thousandths)/1000)*1e4) / 1e4
}

// networksOf makes it a member of what the metropole runs: 30 places of mediation in
// the network Aladdin, as the deliberation counts, and some advisers.
func networksOf(s *structure.Sheet, n int) {
	switch {
	case n%2 == 0 && n <= 60:
		s.Aladdin = structure.AladdinMediation
	case n%2 == 1 && n%7 == 0:
		s.Aladdin = structure.AladdinPrescriber
	case n%31 == 0:
		s.Aladdin = structure.AladdinRelay
	}
	if n%9 == 2 {
		s.Programmes, s.AdviserPosts = append(s.Programmes, national.Advisers), 1+n%3
	}
	if n%5 == 0 {
		s.Programmes = append(s.Programmes, "Aidants Connect")
	}
	if n%12 == 1 {
		s.Programmes = append(s.Programmes, "France Services")
	}
	if n%16 == 6 {
		s.Labels = []string{"Formé à « Mon Espace Santé »"}
	}
}

// fictionalSIRET is a number whose Luhn key is right and which INSEE gives to nobody.
func fictionalSIRET(n int) string {
	base := fmt.Sprintf("999%06d0001", n)
	for key := range 10 {
		if siret, ok := national.SIRET(base + fmt.Sprint(key)); ok {
			return siret
		}
	}
	panic("no Luhn key fits " + base)
}

// waiting are requests that the team has not decided yet: how long ago they came,
// and what the team asked, if it did.
var waiting = []struct {
	n, days int
	asked   string
}{
	{161, 12, ""}, {162, 8, ""}, {163, 5, "Pouvez-vous préciser vos horaires d’accueil et le nom de la personne qui accompagne le public ?"},
	{164, 3, ""}, {165, 1, ""}, {166, 0, ""},
}

// requests fills the queue of the team. The last looks like a member of its commune.
func (w *world) requests(communes []governance.CommuneTile) error {
	for _, r := range waiting {
		s := sheetOf(r.n, communes[communeOf(r.n, len(communes))])
		if r.n == 166 {
			twin := sheetOf(2, communes[communeOf(2, len(communes))])
			s.Name, s.INSEE, s.PostalCode = strings.Replace(twin.Name, ", ", " de ", 1), twin.INSEE, twin.PostalCode
		}
		p := w.person(fmt.Sprintf("candidate-%03d", r.n))
		id, err := w.Structures.Record(w.ctx, actor, structure.NewRecord{Sheet: s, People: []structure.Contact{
			{First: p.First, Last: p.Last, Email: p.Email, Title: "Direction", InCharge: true, Manager: true}}})
		if err != nil {
			return fmt.Errorf("request %d: %w", r.n, err)
		}
		if _, err := postgres.Exec(w.ctx, w.DB, `
			UPDATE structure SET submitted_at = now() - make_interval(days => $2), created_at = now() - make_interval(days => $2)
			WHERE organisation_id = $1`, id, r.days); err != nil {
			return err
		}
		if r.asked != "" {
			if err := w.Structures.Ask(w.ctx, actor, id, 0, r.asked); err != nil {
				return err
			}
		}
	}
	first, err := postgres.Value[structure.ID](w.ctx, w.DB, `SELECT min(organisation_id) FROM structure`)
	if err != nil {
		return err
	}
	p := w.person("candidate-acces")
	return w.Structures.RequestAccess(w.ctx, access.Actor{}, first, structure.AccessInput{First: p.First, Last: p.Last, Email: p.Email,
		Title: "Animation des ateliers", Message: "Je viens de rejoindre l’équipe et j’animerai les ateliers du mercredi."}, "127.0.0.1")
}

// formerMembers are one that left and one that is suspended.
func (w *world) formerMembers(communes []governance.CommuneTile) error {
	for n := 168; n <= 169; n++ {
		p := w.person(fmt.Sprintf("ancienne-%03d", n))
		id, err := w.Structures.Record(w.ctx, actor, structure.NewRecord{Sheet: sheetOf(n, communes[communeOf(n, len(communes))]), From: day.Of(2025, 1, 15),
			People: []structure.Contact{{First: p.First, Last: p.Last, Email: p.Email, InCharge: true}}})
		if err != nil {
			return fmt.Errorf("former structure %d: %w", n, err)
		}
		if n == 168 {
			err = w.Structures.Leave(w.ctx, actor, id, 0, day.Of(2026, 3, 1), "Fin de l’activité numérique")
		} else {
			err = w.Structures.Suspend(w.ctx, actor, id, 0, "Locaux fermés pour travaux, reprise prévue au printemps")
		}
		if err != nil {
			return fmt.Errorf("former structure %d: %w", n, err)
		}
	}
	return nil
}

// figures gives the observatory a few more than those of the deliberation, said to be
// of the demonstration.
func (w *world) figures() error {
	found, err := w.Indicators.Named(w.ctx, "personnes-formees-par-an")
	if err != nil || len(found) != 1 {
		return fmt.Errorf("the indicator of people trained is not found: %w", err)
	}
	for i, people := range []int{510, 640, 720, 690} {
		_, err := w.Indicators.AddValue(w.ctx, actor, found[0].ID, indicator.Value{From: day.Of(2022+i, 1, 1), To: day.Of(2022+i, 12, 31),
			Number: indicator.Whole(people), Source: "Donnée de démonstration, sans rapport avec la réalité"})
		if err != nil {
			return err
		}
	}
	return nil
}

// ages dates what the load has just done: members came when their seat opened; most
// sheets were confirmed this year, some have not been for long.
func (w *world) ages() error {
	_, err := postgres.Exec(w.ctx, w.DB, `
		UPDATE structure_step p SET at = lower(t.during)::timestamptz + interval '10 hours'
		FROM seat t WHERE t.organisation_id = p.structure_id AND p.kind IN ('recorded', 'accepted')`)
	if err != nil {
		return err
	}
	_, err = postgres.Exec(w.ctx, w.DB, `
		UPDATE structure s SET up_to_date_at = greatest(lower(t.during)::timestamptz,
		       now() - make_interval(days => CASE s.organisation_id % 12 WHEN 0 THEN 600 WHEN 1 THEN 430 WHEN 2 THEN 400
		                                          WHEN 3 THEN 300 WHEN 4 THEN 220 WHEN 5 THEN 200 ELSE 20 + (s.organisation_id % 90)::int END)),
		       created_at = lower(t.during)::timestamptz, submitted_at = lower(t.during)::timestamptz, decided_at = lower(t.during)::timestamptz
		FROM seat t WHERE t.organisation_id = s.organisation_id AND s.state = 'accepted'`)
	return err
}

// communeOf spreads the structures: each commune has some, the largest the most.
func communeOf(n, communes int) int {
	if n <= 2*communes {
		return (n - 1) % communes
	}
	return (n * n) % communes
}

// joinedOn is when a structure was accepted: most at once, others as they came.
func joinedOn(n int) day.Day {
	switch {
	case n <= 110:
		return day.Of(2025, 1, 15)
	case n <= 145:
		return day.Of(2025, 2, 1).AddDays((n - 110) * 7)
	}
	return day.Of(2026, 1, 12).AddDays((n - 145) * 10)
}

var (
	socialTypologies  = []string{"CS", "ES", "ASSO", "CCAS", "CHRS", "EVS", "RS_FJT", "PENSION"}
	digitalTypologies = []string{"EPN", "BIB", "ASSO", "TIERS_LIEUX", "FABLAB", "MJC", "RFS", "ENM"}
	streets           = []string{"rue des Tilleuls", "avenue du Héron", "place du Vieux Puits", "allée de la Jalle", "cours des Deux Rives", "rue du Lavoir", "chemin de l’Estey", "impasse des Glycines", "quai de la Passerelle", "rue du Grand Pin"}
	hours             = []struct{ text, osm string }{
		{"Du lundi au vendredi de 9 h à 12 h et de 14 h à 17 h 30", "Mo-Fr 09:00-12:00,14:00-17:30"},
		{"Mardi, mercredi et jeudi de 10 h à 18 h", "Tu-Th 10:00-18:00"},
		{"Du mardi au samedi de 10 h à 12 h 30 et de 14 h à 18 h", "Tu-Sa 10:00-12:30,14:00-18:00"},
		{"Sur rendez-vous, le mercredi et le vendredi", ""},
		{"Lundi et jeudi de 13 h 30 à 17 h", "Mo,Th 13:30-17:00"},
	}
	summaries = [2][]string{
		{"Des ateliers pour apprendre à son rythme, seul ou en petit groupe, et une aide pour les démarches en ligne.",
			"Un lieu ouvert à tous avec des ordinateurs, une connexion et quelqu’un pour aider.",
			"Découverte des outils numériques du quotidien, de la messagerie à la photo.",
			"Fabrication numérique, réparation et réemploi de matériel, pour petits et grands."},
		{"Accueil et accompagnement social, avec une aide aux démarches administratives en ligne.",
			"Un soutien aux familles du quartier, et un temps chaque semaine pour les démarches en ligne.",
			"Accompagnement des personnes sans logement : adresse, droits, téléphone, messagerie.",
			"Une aide pour ouvrir ses droits, remplir un dossier, prendre un rendez-vous."},
	}
)

// place is where a commune lies, about.
type place struct {
	postal   string
	lat, lon float64
}

var places = map[string]place{
	"33003": {"33440", 44.9443, -0.5008},
	"33004": {"33810", 45.0119, -0.5490},
	"33013": {"33370", 44.8603, -0.4902},
	"33032": {"33530", 44.9082, -0.5254},
	"33039": {"33130", 44.8019, -0.5483},
	"33056": {"33290", 44.9231, -0.6128},
	"33063": {"33000", 44.8576, -0.5734},
	"33065": {"33270", 44.8167, -0.5042},
	"33069": {"33110", 44.8659, -0.6033},
	"33075": {"33520", 44.8888, -0.6004},
	"33096": {"33560", 44.9024, -0.5012},
	"33119": {"33150", 44.8547, -0.5216},
	"33162": {"33320", 44.8794, -0.6481},
	"33167": {"33270", 44.8338, -0.5210},
	"33192": {"33170", 44.7708, -0.6166},
	"33200": {"33185", 44.8693, -0.6845},
	"33249": {"33310", 44.8764, -0.5195},
	"33273": {"33127", 44.8450, -0.7963},
	"33281": {"33700", 44.8322, -0.6818},
	"33312": {"33290", 44.9539, -0.5805},
	"33318": {"33600", 44.7916, -0.6764},
	"33376": {"33160", 44.9333, -0.7482},
	"33434": {"33440", 44.9579, -0.5331},
	"33449": {"33160", 44.8833, -0.7843},
	"33487": {"33440", 44.9739, -0.4819},
	"33519": {"33320", 44.9114, -0.6815},
	"33522": {"33400", 44.8059, -0.5912},
	"33550": {"33140", 44.7733, -0.5583},
}
