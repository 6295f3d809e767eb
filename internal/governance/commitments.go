package governance

import (
	"context"
	"fmt"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Commitment is a sentence of the deliberation, where the portal applies it, and
// where that stands today.
type Commitment struct {
	Key   string
	Title string
	Quote string // verbatim
	Where string // what the portal does about it today, plainly
	Path  string // the page that shows it; "" when there is none yet
	State string // « 2 réunions tenues sur 3 en 2026 »; "" when nothing is counted
}

// Traced is the page that goes through the deliberation, commitment by
// commitment.
type Traced struct {
	Today       day.Day
	Commitments []Commitment
}

// facts is what the states are computed from.
type facts struct {
	Today    day.Day   `json:"today"`
	Cadences []Cadence `json:"cadences"`
	Kinds    []struct {
		Kind    SeatKind `json:"kind"`
		College College  `json:"college"`
		Seats   int      `json:"seats"`
		Held    int      `json:"held"`
	} `json:"kinds"`
	StateServices int `json:"state_services"`
	Unset         int `json:"unset"`
}

func (f facts) cadence(code BodyCode) string {
	for _, c := range f.Cadences {
		if c.Body == code {
			s := fmt.Sprintf("%s sur %d en %d", french.Count(c.Held, "réunion tenue", "réunions tenues"), c.Owed, f.Today.Year())
			if c.Planned > 0 {
				s += ", " + french.Count(c.Planned, "prévue", "prévues")
			}
			return s
		}
	}
	return ""
}

// held says how many seats of the kind (and college, if not "") have a holder.
func (f facts) held(kind SeatKind, college College, one, many string) string {
	seats, held := 0, 0
	for _, k := range f.Kinds {
		if k.Kind == kind && (college == "" || k.College == college) {
			seats, held = seats+k.Seats, held+k.Held
		}
	}
	return fmt.Sprintf("%s sur %d", french.Count(held, one, many), seats)
}

// Traceability returns every commitment with its state today, in one round trip.
func (s *Service) Traceability(ctx context.Context) (Traced, error) {
	f, err := postgres.Value[facts](ctx, s.db, `
		SELECT json_build_object('today', paris_today(),
			'cadences', (SELECT json_agg(c) FROM cadence(extract(year FROM paris_today())::int, paris_today()) c),
			'kinds', (SELECT json_agg(k) FROM (
			    SELECT s.kind, coalesce(s.college, '') AS college, count(*) AS seats, count(m.id) AS held
			    FROM seat s LEFT JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular' AND m.during @> paris_today()
			    WHERE s.during @> paris_today() GROUP BY s.kind, s.college) k),
			'state_services', (SELECT count(*) FROM organisation WHERE kind = 'state_service'),
			'unset', (SELECT count(*) FROM body_setting WHERE source_kind = 'not_set'))`)
	if err != nil {
		return Traced{}, postgres.Wrap(err, "traceability")
	}
	return Traced{f.Today, commitments(f)}, nil
}

// commitments goes through the deliberation in its own order.
func commitments(f facts) []Commitment {
	const pourvu, pourvus = "siège pourvu", "sièges pourvus"
	return []Commitment{
		{"creation", "Créer la gouvernance", "D’autoriser la création de cette gouvernance de l’inclusion numérique sur le territoire de la Métropole de Bordeaux.",
			"Les quatre instances existent dans le portail depuis le jour de la délibération.", "/instances", "4 instances créées"},
		{"inclusion-aladdin", "Animer le réseau Aladdin", "30 structures de médiation numérique, membres du réseau Aladdin animé par la Métropole",
			"Les membres sont comptés par rôle ; les personnes formées paraissent avec leur date et leur source.", "/reseaux/aladdin", ""},
		{"inclusion-observatoire", "Tenir un observatoire", "Un observatoire des inégalités numériques a été mis en place.",
			"Chaque chiffre dit sa date, sa source et comment il est établi.", "/indicateurs", ""},
		{"inclusion-conseillers", "Coordonner les conseillers numériques", "La Métropole assure également la coordination des conseillers numériques",
			"Les actions d’aide annoncées et les postes déclarés par les structures sont publiés avec leur source.", "/indicateurs/actions-conseillers-numeriques", ""},
		{"cmtin-presidence", "Une présidence du CMTIN", "le Comité Métropolitain Territorial pour l’Inclusion Numérique (CMTIN), présidé par La Présidente de Bordeaux Métropole",
			"Un siège de présidence, occupé par une seule personne à la fois.", "/instances/cmtin", f.held(President, "", pourvu, pourvus)},
		{"cmtin-rythme", "Réunir le CMTIN une fois par an", "Cette instance se réunit une fois par an, en présence du représentant de l’Etat.",
			"La réunion ne compte que si la présence de la présidente et celle du représentant de l’État sont enregistrées.", "/instances/cmtin", f.cadence(CMTIN)},
		{"cmtin-partenaires", "Les partenaires au CMTIN", "Elle rassemble, les membres du groupe des partenaires institutionnels pour l’inclusion Numérique",
			"La composition est calculée : tout membre du groupe des partenaires siège au CMTIN.", "/instances/cmtin", f.held(Partner, "", pourvu, pourvus)},
		{"cmtin-maires", "Les maires au CMTIN", "les Maires des 28 communes du territoire",
			"Un siège par commune, qui change de titulaire avec le maire.", "/instances/communes", f.held(Mayor, "", "siège de maire pourvu", "sièges de maire pourvus")},
		{"cmtin-gni", "Dix représentants du GNI au CMTIN", "dix représentants du Groupe Numérique Inclusif",
			"Dix sièges, cinq par collège, jamais davantage.", "/instances/cmtin", f.held(GNIRepresentative, "", pourvu, pourvus)},
		{"cmtin-conseillere", "La conseillère au CMTIN", "ainsi que la conseillère métropolitaine au numérique",
			"Un siège au CMTIN, et la présidence de deux instances.", "/instances/cmtin", f.held(Councillor, "", pourvu, pourvus)},
		{"cmtin-missions", "Valider les actions de l’année suivante", "valider les actions à mener pour l’année suivante",
			"Le portail ne tient pas encore la feuille de route : cette mission est rappelée sur la page du CMTIN.", "/instances/cmtin", ""},
		{"cmtin-positions", "Prendre position", "émettre, si l’actualité et les dossiers le requièrent, des prises de position ou des demandes auprès d’autres territoires, mais aussi auprès des instances nationales ou européennes",
			"Un registre public : chaque texte avec son destinataire, sa date d’envoi et la réponse reçue.", "/positions", ""},
		{"cmtin-expert", "Dialoguer avec un expert national", "dialoguer avec un expert national sur une thématique d’importance",
			"L’expert est invité avec la séance ; la synthèse du dialogue figure dans le compte rendu.", "/reunions?instance=cmtin", ""},
		{"partenaires-presidence", "Une présidence du groupe des partenaires", "Présidé par la conseillère métropolitaine au numérique, il rassemble les principaux acteurs locaux institutionnels pour favoriser l’inclusion numérique.",
			"Un siège par partenaire, ouvert le jour de son entrée, fermé le jour de son départ.", "/instances/partenaires", f.held(Partner, "", pourvu, pourvus)},
		{"partenaires-rythme", "Réunir les partenaires deux fois par an", "Le groupe doit se réunir 2 fois par an",
			"Les réunions de l’année sont comptées ; une réunion reportée ou annulée ne compte pas.", "/instances/partenaires", f.cadence(Partners)},
		{"gni-structures", "Rassembler les structures locales", "quelques 160 structures locales impliquées dans les actions de terrain pour l’inclusion numérique",
			"Chaque structure a un siège dans un des deux collèges.", "/instances/gni", f.held(Structure, "", "structure représentée", "structures représentées")},
		{"gni-rythme", "Réunir le GNI trois fois par an", "Il rassemble 3 fois par an quelques 160 structures locales",
			"Les réunions de l’année sont comptées.", "/instances/gni", f.cadence(GNI)},
		{"gni-action-sociale", "Cinq représentants de l’action sociale", "5 représentants de l’action sociale",
			"Cinq sièges, jamais davantage. Les structures les élisent sur le portail, et chacun peut contrôler le vote.", "/elections", f.held(GNIRepresentative, SocialAction, pourvu, pourvus)},
		{"gni-mediation", "Cinq représentants de la médiation numérique", "5 représentants de la médiation numérique",
			"Cinq sièges, jamais davantage. Les structures les élisent sur le portail, et chacun peut contrôler le vote.", "/elections", f.held(GNIRepresentative, DigitalMediation, pourvu, pourvus)},
		{"communes-rythme", "Réunir les communes chaque année", "ce comité des communes leur permettra de partager leurs avancées lors de réunions annuelles",
			"Au moins une réunion est due chaque année.", "/instances/communes", f.cadence(Communes)},
		{"communes-presidence", "Une présidence du comité des communes", "Présidé par la conseillère métropolitaine au numérique, ce comité des communes",
			"La conseillère préside par son siège, quelle que soit la personne.", "/instances/communes", f.held(Councillor, "", pourvu, pourvus)},
		{"feuille-de-route", "Approuver la feuille de route", "D’approuver la Feuille de Route « Inclusion Numérique » et son annexe telle que présentée et annexée à la présente délibération",
			"Ses axes et ses actions, avec leur avancement, leurs indicateurs et leur budget.", "/feuille-de-route", ""},
	}
}
