package demo

import "bordeaux-metropole.fr/portal/internal/meeting"

// script is what a meeting of the demonstration deals with, leaves and asks.
// Everything in it is fiction; the stakes are those of the deliberation.
type script struct {
	theme  string
	points []point
	expert string // summary of the dialogue with the national expert (CMTIN)
	files  []file
}

// point is one point of an agenda, with what was said and settled.
type point struct {
	title, rapporteur string
	kind              meeting.ItemKind
	minutes           int
	text, note        string
	settled           []settled
	asked             []asked
	position          *position
}

// settled is a decision or an opinion. votes nil: by consensus;
// else against and abstentions, the others present being for.
type settled struct {
	title, text string
	opinion     bool
	outcome     string // adopted, rejected, postponed; favourable, reserved, unfavourable
	votes       *[2]int
	followUp    string
	note        string // what became of it
}

// asked is an action asked of someone, due so many days after the meeting.
type asked struct {
	what, owner string
	days        int
	done        string // how it was settled, "" when it is open
}

// position is a text the CMTIN adopts towards others.
type position struct {
	request         bool
	title, text, to string
	sentAfter       int // days after the meeting
	answer          string
	answeredAfter   int
}

// Who presents is read after « présenté par »; who is asked stands alone.
const (
	team        = "Équipe inclusion numérique"
	byTeam      = "l’équipe inclusion numérique"
	byCouncilor = "la conseillère métropolitaine au numérique"
	byChair     = "la présidente de Bordeaux Métropole"
)

// scripts are the meetings of a year, in the order of rhythm; years alternate.
var scripts = [2][7]script{oddYear, evenYear}

var oddYear = [7]script{
	{theme: "Premiers pas du groupe et priorités de l’année", points: []point{
		{title: "Présentation de la gouvernance métropolitaine", rapporteur: byTeam, kind: meeting.ForInformation, minutes: 20,
			note: "L’équipe rappelle les quatre instances et ce que le groupe y apporte : la connaissance du terrain, des propositions, dix représentants au CMTIN. Plusieurs structures demandent que les ordres du jour leur parviennent plus tôt."},
		{title: "Besoins remontés par les structures", rapporteur: byTeam, kind: meeting.ForDiscussion, minutes: 60,
			note:  "Trois besoins reviennent dans les échanges : l’équipement des familles, la confidentialité des démarches faites avec un tiers, la formation des bénévoles. Les structures d’action sociale souhaitent un interlocuteur unique pour l’orientation du public.",
			asked: []asked{{"Recenser les lieux qui prêtent du matériel et publier la liste", team, 45, "Liste mise en ligne et présentée à la réunion suivante."}}},
		{title: "Méthode de travail du groupe", rapporteur: byTeam, kind: meeting.ForDecision, minutes: 30,
			note:    "Le groupe préfère trois réunions courtes à deux longues, avec un thème annoncé à l’avance.",
			settled: []settled{{title: "Un thème par réunion", text: "Chaque réunion du groupe porte sur un thème annoncé au moins un mois à l’avance, choisi à la réunion précédente.", outcome: "adopted", followUp: "done", note: "Appliqué depuis la réunion de juin."}}},
	}},
	{theme: "Financements pluriannuels", points: []point{
		{title: "Tour de table des financements engagés", rapporteur: "les financeurs présents", kind: meeting.ForInformation, minutes: 35,
			note: "Chaque partenaire présente ses dispositifs ouverts dans l’année. Les calendriers des appels à projets ne coïncident pas : les structures déposent parfois trois dossiers pour la même action."},
		{title: "Calendrier commun des appels à projets", rapporteur: byTeam, kind: meeting.ForDecision, minutes: 35,
			note:    "Les partenaires acceptent de partager leurs dates d’ouverture et de clôture. La mise en commun des formulaires demandera plus de temps.",
			settled: []settled{{title: "Calendrier partagé", text: "Les partenaires transmettent à la Métropole, avant le 15 janvier, les dates de leurs appels à projets de l’année. La Métropole publie un calendrier commun.", outcome: "adopted", followUp: "done", note: "Calendrier publié en février de l’année suivante."}},
			asked:   []asked{{"Proposer une trame commune de bilan d’action", "Groupe de travail des financeurs", 120, "Trame testée sur quatre actions."}}},
		{title: "Réseau des conseillers numériques", rapporteur: byTeam, kind: meeting.ForDiscussion, minutes: 30,
			note: "La pérennité des postes au-delà des conventions en cours inquiète plusieurs employeurs. Le sujet sera porté devant le CMTIN."},
	}},
	{theme: "Premier tour des communes", points: []point{
		{title: "Avancées des communes", rapporteur: "des communes volontaires", kind: meeting.ForInformation, minutes: 60,
			note: "Quatre communes présentent leurs permanences en mairie, un bus numérique partagé et une formation des agents d’accueil. Les communes de moins de 10 000 habitants soulignent qu’elles n’ont pas d’agent dédié."},
		{title: "Un référent par commune", rapporteur: byCouncilor, kind: meeting.ForDecision, minutes: 30,
			note:    "La désignation d’un référent facilitera les points d’avancement. Elle reste libre dans sa forme : agent, élu, ou référent partagé entre deux communes.",
			settled: []settled{{title: "Désignation d’un référent communal", text: "Chaque commune désigne, avant la rentrée, la personne qui répond pour elle aux points d’avancement de la feuille de route.", outcome: "adopted", followUp: "in_progress", note: "Désignations en cours à la suite du renouvellement des conseils municipaux."}}},
		{title: "Accueil mutualisé des habitants", rapporteur: byTeam, kind: meeting.ForDiscussion, minutes: 45,
			note: "Les communes de la rive droite proposent d’expérimenter un planning commun des permanences."},
	}},
	{theme: "Accompagner les démarches de santé", files: orientationFiles, points: []point{
		{title: "Retour sur le recensement du matériel prêté", rapporteur: byTeam, kind: meeting.ForInformation, minutes: 15, note: "La liste est en ligne. Les structures signalent elles-mêmes leurs changements."},
		{title: "Démarches de santé en ligne : ce que vivent les publics", rapporteur: "les structures d’action sociale", kind: meeting.ForDiscussion, minutes: 75,
			note:  "Les prises de rendez-vous et l’espace santé sont les deux premières causes de demande d’aide. Les aidants demandent un cadre clair sur ce qu’ils peuvent faire à la place de la personne.",
			asked: []asked{{"Organiser une demi-journée avec l’Assurance maladie sur le mandat des aidants", team, 90, "Demi-journée tenue ; supports transmis au groupe."}}},
		{title: orientation, rapporteur: byTeam, kind: meeting.ForOpinion, minutes: 30,
			note:    "La fiche est jugée utile, trop longue pour un accueil debout.",
			settled: []settled{{title: "Fiche d’orientation", text: "Le groupe est favorable à une fiche d’orientation commune, ramenée à une page et disponible en version imprimée.", opinion: true, outcome: "favourable", followUp: "done", note: "Fiche d’une page diffusée en septembre."}}},
	}},
	{theme: "Projets communs de l’année suivante", points: []point{
		{title: "Bilan de l’année", rapporteur: byTeam, kind: meeting.ForInformation, minutes: 30, note: "Les partenaires relisent ensemble les actions cofinancées. Deux actions prennent du retard faute de recrutement."},
		{title: "Priorités communes", rapporteur: byCouncilor, kind: meeting.ForDecision, minutes: 45,
			note:    "Trois priorités se dégagent : l’accès aux droits, l’équipement reconditionné, la formation des aidants.",
			settled: []settled{{title: "Trois priorités de financement", text: "Les partenaires retiennent pour l’année suivante trois priorités communes : accès aux droits, équipement reconditionné, formation des aidants professionnels et bénévoles.", outcome: "adopted", followUp: "done", note: "Reprises dans le programme validé par le CMTIN."}}},
		{title: "Évaluation partagée", rapporteur: "le groupe de travail des financeurs", kind: meeting.ForDiscussion, minutes: 30, note: "La trame de bilan sera proposée à toutes les actions de la feuille de route."},
	}},
	{theme: "Bilan et propositions au CMTIN", files: gniFiles, points: []point{
		{title: "Bilan des trois réunions", rapporteur: byTeam, kind: meeting.ForInformation, minutes: 20, note: "Le groupe salue la liste du matériel prêté et la fiche d’orientation. Il regrette la faible présence des structures des communes éloignées."},
		{title: "Propositions à porter devant le CMTIN", rapporteur: "les représentants du groupe", kind: meeting.ForDecision, minutes: 60,
			note:    "Huit propositions ont été reçues ; trois sont retenues après échange.",
			settled: []settled{{title: "Trois propositions au CMTIN", text: "Le groupe porte devant le CMTIN : la pérennité des postes de conseillers numériques, un accueil itinérant pour les communes éloignées, la formation des bénévoles.", outcome: "adopted", votes: &[2]int{4, 7}, followUp: "done", note: "Portées à la séance de décembre."}}},
	}},
	{theme: "Validation des actions de l’année suivante", files: cmtinFiles, expert: "L’experte invitée rappelle que l’inclusion numérique se mesure aussi par le non-recours : une démarche simplifiée vaut souvent mieux qu’un accompagnement de plus. Elle invite la Métropole à associer les habitants concernés à la conception de ses téléservices. Les échanges portent sur la place des agents d’accueil et sur le risque d’un numérique obligatoire.", points: []point{
		{title: "La stratégie métropolitaine et ses premiers résultats", rapporteur: byChair, kind: meeting.ForInformation, minutes: 25,
			note: "La Présidente ouvre la première séance du comité et rappelle l’ambition de la délibération. Le représentant de l’État souligne la cohérence avec la feuille de route départementale."},
		{title: programme, rapporteur: byCouncilor, kind: meeting.ForDecision, minutes: 45,
			note:    "Les maires demandent que les communes sans agent dédié soient servies en premier par l’accueil itinérant.",
			settled: []settled{{title: "Programme d’actions", text: "Le comité valide le programme d’actions de l’année suivante, avec une priorité donnée aux communes sans agent dédié pour l’accueil itinérant.", outcome: "adopted", votes: &[2]int{0, 3}, followUp: "done", note: "Programme engagé dès janvier."}},
			asked:   []asked{{"Présenter un calendrier de l’accueil itinérant commune par commune", team, 75, "Calendrier présenté au Comité des communes."}}},
		{title: "Dialogue avec l’experte nationale : le non-recours", rapporteur: "l’experte invitée", kind: meeting.ForDiscussion, minutes: 45, note: "Voir la synthèse du dialogue."},
		{title: "Pérennité des conseillers numériques", rapporteur: "les représentants du GNI", kind: meeting.ForDecision, minutes: 30,
			note: "Le comité partage le constat du GNI et souhaite une réponse avant le vote du budget de l’État.",
			position: &position{request: true, title: "Pérennité des postes de conseillers numériques", to: "Ministère chargé du numérique",
				text:      "Le CMTIN demande que le soutien de l’État aux postes de conseillers numériques soit garanti au-delà des conventions en cours, et que les collectivités employeuses connaissent les montants avant le vote de leur budget.",
				sentAfter: 12, answer: "Le ministère prend acte de la demande et renvoie aux travaux budgétaires en cours. Il propose une réunion technique avec les collectivités employeuses.", answeredAfter: 84}},
	}},
}

var evenYear = [7]script{
	{theme: "Besoins du terrain et priorités de l’année", points: []point{
		{title: "Ce que le CMTIN a retenu", rapporteur: "les représentants du groupe", kind: meeting.ForInformation, minutes: 20, note: "Les représentants rendent compte de la séance de décembre : les trois propositions du groupe ont été entendues, l’accueil itinérant est engagé."},
		{title: "Parcours d’un bénévole, de l’accueil à l’accompagnement", rapporteur: "les structures de médiation numérique", kind: meeting.ForDiscussion, minutes: 60,
			note:  "Les structures décrivent la même difficulté : former vite sans décourager. Un module commun de deux heures, suivi d’un tutorat, est jugé réaliste.",
			asked: []asked{{"Écrire le module commun de deux heures pour les bénévoles", "Structures de médiation volontaires", 100, "Module écrit et essayé avec douze bénévoles."}}},
		{title: "Thèmes de l’année", rapporteur: byTeam, kind: meeting.ForDecision, minutes: 30, note: "La santé revient en tête, puis les aides au logement.",
			settled: []settled{{title: "Thèmes des réunions de l’année", text: "Les réunions de l’année porteront sur les démarches de santé, puis sur le bilan et les propositions au CMTIN.", outcome: "adopted", followUp: "done", note: "Appliqué."}}},
	}},
	{theme: "Financements pluriannuels", points: []point{
		{title: "Calendrier commun : premier retour", rapporteur: byTeam, kind: meeting.ForInformation, minutes: 20, note: "Le calendrier a été consulté par toutes les structures financées. Deux partenaires n’avaient pas transmis leurs dates à temps."},
		{title: "Engagements sur trois ans", rapporteur: byCouncilor, kind: meeting.ForDecision, minutes: 50,
			note:    "Les partenaires qui le peuvent annoncent des engagements sur trois ans. Les autres s’engagent à dire leurs intentions chaque automne.",
			settled: []settled{{title: "Intentions pluriannuelles", text: "Chaque partenaire fait connaître, avant le 31 octobre, ses intentions de financement à trois ans ; elles sont réunies dans un tableau commun, à titre indicatif.", outcome: "adopted", followUp: "in_progress", note: "Neuf partenaires sur quatorze ont répondu."}}},
		{title: "Équipement reconditionné", rapporteur: "les partenaires économiques", kind: meeting.ForDiscussion, minutes: 30, note: "Une filière locale de collecte en entreprise est possible. Le stockage reste à trouver.",
			asked: []asked{{"Identifier un local de stockage pour le matériel collecté", "Partenaires économiques", 150, ""}}},
	}},
	{theme: "Avancées des communes", points: []point{
		{title: "Bienvenue aux équipes issues du renouvellement", rapporteur: byCouncilor, kind: meeting.ForInformation, minutes: 20, note: "Les instances, la feuille de route et le portail sont présentés aux nouvelles équipes municipales."},
		{title: "Avancées des communes", rapporteur: "des communes volontaires", kind: meeting.ForInformation, minutes: 55, note: "L’accueil itinérant a servi neuf communes. Les permanences mutualisées de la rive droite seront prolongées."},
		{title: "Accessibilité des services numériques communaux", rapporteur: byTeam, kind: meeting.ForDecision, minutes: 40,
			note:    "Les communes souhaitent une aide pour vérifier leurs sites avant toute refonte.",
			settled: []settled{{title: "Appui à l’accessibilité", text: "La Métropole propose aux communes un premier examen de l’accessibilité de leur site et une formation courte des agents qui publient.", outcome: "adopted", votes: &[2]int{0, 2}, followUp: "open"}},
			asked:   []asked{{"Ouvrir les inscriptions à la formation des agents qui publient", team, 60, "Inscriptions ouvertes en juillet."}}},
	}},
	{theme: "Accompagner les démarches de santé", files: mandateFiles, points: []point{
		{title: "Module de formation des bénévoles : premier essai", rapporteur: "des structures de médiation volontaires", kind: meeting.ForInformation, minutes: 25, note: "Douze bénévoles formés. Le tutorat est la partie la plus appréciée et la plus difficile à tenir."},
		{title: "Mandat des aidants : un cadre commun", rapporteur: "les structures d’action sociale", kind: meeting.ForDiscussion, minutes: 65, note: "Le groupe souhaite un modèle simple de mandat, relu par la personne aidée, et une règle sur les codes personnels : ils ne sont jamais notés."},
		{title: mandate, rapporteur: byTeam, kind: meeting.ForOpinion, minutes: 30, note: "Le modèle est soutenu ; certaines structures demandent une version facile à lire.",
			settled: []settled{{title: "Modèle de mandat des aidants", text: "Le groupe est favorable au modèle de mandat, sous réserve d’une version en français facile à lire et à comprendre.", opinion: true, outcome: "reserved", followUp: "in_progress", note: "La version facile à lire est en relecture."}}},
		{title: "Accueil itinérant : étendre aux marchés", rapporteur: "une structure du groupe", kind: meeting.ForDecision, minutes: 20, note: "L’idée plaît ; le coût n’est pas chiffré.",
			settled: []settled{{title: "Présence sur les marchés", text: "Le groupe demande un essai de présence sur deux marchés de la métropole.", outcome: "postponed", followUp: "open"}},
			asked:   []asked{{"Chiffrer un essai sur deux marchés", team, 110, ""}}},
	}},
	{theme: "Projets communs de l’année suivante", points: []point{
		{title: "Intentions pluriannuelles", rapporteur: byTeam, kind: meeting.ForInformation, minutes: 30,
			note: "Le tableau commun des intentions est présenté. Les partenaires qui n’ont pas répondu le feront avant la fin de l’année."},
		{title: "Projets communs de l’année suivante", rapporteur: byCouncilor, kind: meeting.ForDecision, minutes: 60,
			note: "Les partenaires examinent quatre projets. Deux sont assez mûrs pour être proposés ensemble au CMTIN.",
			settled: []settled{{title: "Deux projets communs", text: "Les partenaires proposent au CMTIN deux projets communs : la filière locale de matériel reconditionné et la formation des bénévoles.",
				outcome: "adopted", followUp: "done", note: "Projets présentés au CMTIN de décembre."}}},
	}},
	{theme: "Bilan et propositions au CMTIN", files: gniFiles, points: []point{
		{title: "Bilan des actions issues du groupe", rapporteur: byTeam, kind: meeting.ForInformation, minutes: 25,
			text: "Module de formation des bénévoles, modèle de mandat, accueil itinérant : ce qui est fait, ce qui reste à faire.",
			note: "Le module de formation est en service, le modèle de mandat attend sa version facile à lire, l’accueil itinérant a servi neuf communes."},
		{title: "Propositions à porter devant le CMTIN", rapporteur: "les représentants du groupe", kind: meeting.ForDecision, minutes: 50,
			text: "Les propositions reçues des structures sont examinées une à une.",
			note: "Les propositions sont lues et regroupées. Deux recueillent un large accord.",
			settled: []settled{{title: "Deux propositions au CMTIN", text: "Le groupe porte devant le CMTIN : le maintien d’un accueil humain dans chaque service public, et un essai de présence sur deux marchés.",
				outcome: "adopted", votes: &[2]int{2, 5}, followUp: "done", note: "Portées à la séance de décembre."}}},
	}},
	{theme: "Validation des actions de l’année suivante", files: cmtinFiles, points: []point{
		{title: "Résultats de l’année", rapporteur: byChair, kind: meeting.ForInformation, minutes: 25,
			note: "La Présidente rappelle les priorités retenues un an plus tôt et ce qui en a été fait. Les maires saluent l’accueil itinérant."},
		{title: programme, rapporteur: byCouncilor, kind: meeting.ForDecision, minutes: 50, text: "Le comité valide la liste des actions proposées par les instances.",
			note: "Le programme reprend les deux projets communs des partenaires et les propositions du GNI.",
			settled: []settled{{title: "Programme d’actions", text: "Le comité valide le programme d’actions de l’année suivante, dont la filière locale de matériel reconditionné et un essai de présence sur deux marchés.",
				outcome: "adopted", votes: &[2]int{0, 4}, followUp: "in_progress", note: "Programme engagé."}},
			asked: []asked{{"Présenter au Comité des communes le calendrier de l’essai sur les marchés", team, 120, ""}}},
		{title: "Dialogue avec l’expert national : des services publics accessibles à tous", rapporteur: "l’expert invité", kind: meeting.ForDiscussion, minutes: 40, note: "Voir la synthèse du dialogue."},
		{title: "Prise de position sur l’accès physique aux services publics", rapporteur: "les représentants du GNI", kind: meeting.ForDecision, minutes: 25,
			note: "Le comité partage le constat du GNI : un guichet qui ferme ne se remplace pas par un site.",
			position: &position{title: "Accès physique aux services publics", to: "Opérateurs nationaux de services publics",
				text:      "Le CMTIN rappelle que toute démarche en ligne doit garder une voie sans numérique, au guichet ou par téléphone, sans délai plus long ni coût pour la personne.",
				sentAfter: 15}},
	}, expert: "L’expert invité présente des exemples de services conçus avec les personnes qui en ont le plus besoin. Les échanges portent sur le maintien d’un accueil humain et sur la formation des agents."},
}
