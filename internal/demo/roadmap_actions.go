package demo

import "bordeaux-metropole.fr/portal/internal/roadmap"

// axes are the five axes of the demonstration, with the text of the strategy.
var axes = []roadmap.Axis{
	{Title: "Aller vers les habitants", Strategy: "Personne ne reste seul devant une démarche en ligne. L’aide est proche, gratuite et humaine ; elle va d’abord vers les communes et les quartiers où elle manque."},
	{Title: "Former les habitants et les aidants", Strategy: "Chacun peut apprendre à son rythme. Les bénévoles et les professionnels qui aident sont formés, et savent jusqu’où ils peuvent aller à la place de la personne."},
	{Title: "Équiper et connecter", Strategy: "Un appareil qui fonctionne et un accès à internet sont la première condition. Le matériel vit plus longtemps : il est collecté, remis en état et donné près d’ici."},
	{Title: "Rendre les services publics accessibles", Strategy: "Un service bien conçu demande moins d’aide. Les sites des collectivités sont accessibles, écrits simplement, et gardent toujours une voie sans numérique."},
	{Title: "Faire réseau et mesurer", Strategy: "Les acteurs se connaissent, partagent leurs moyens et regardent ensemble ce qui change. Les chiffres sont datés, sourcés et publiés."},
}

// An outline is an action of the demonstration in short; story says the rest.
type outline struct {
	axis       int // from 1
	title      string
	objective  string
	pilot      string // "": the metropole; else the name of a partner, or the slug of a commune
	body       string
	audience   string
	from, to   int // months from January of the current year
	status     roadmap.Status
	confidence roadmap.Confidence
	percent    int    // -1: never said
	where      string // "": none; "*": all; else slugs
	with       []int  // partners, from 1
	euros      []int  // planned in the current year: metropole, then each of with
	indicator  string // « name|unit|baseline|target of this year|target of the next|last reading »
	steps      string // « title>month; » a month makes a milestone; « ! » before: done
	reason     string // of a suspension or of an end
	by         string // body that proposed it
}

const (
	rightBank = "ambares-et-lagrave artigues-pres-bordeaux bassens bouliac carbon-blanc cenon floirac lormont"
	smallOnes = "ambes saint-vincent-de-paul saint-louis-de-montferrand bouliac martignas-sur-jalle saint-aubin-de-medoc artigues-pres-bordeaux bassens parempuyre"
)

// outlines are the actions of the roadmap: some done, some late, some not begun.
var outlines = []outline{
	{axis: 1, title: "Accueil itinérant dans les communes sans agent dédié", objective: "Dans chaque commune sans agent dédié, les habitants trouvent une aide aux démarches au moins une fois par mois, sans rendez-vous.",
		body: "communes", audience: "Habitants des petites communes", from: -11, to: 23, status: roadmap.InProgress, confidence: roadmap.OnCourse, percent: 60, where: smallOnes, with: []int{9, 4},
		euros: []int{48000, 15000, 12000}, indicator: "Demi-journées d’accueil tenues|demi-journées|0|110|140|84",
		steps: "!Choisir les lieux avec les communes>2; !Acheter et équiper le véhicule>4; Desservir les neuf communes>11; Faire le bilan avec les habitants>20", by: "cmtin"},
	{axis: 1, title: "Permanences d’aide aux démarches dans les 28 communes", objective: "Un lieu où se faire aider, à moins de vingt minutes de chez soi, dans chaque commune.",
		body: "communes", audience: "Tous les habitants", from: -11, to: 24, status: roadmap.InProgress, confidence: roadmap.ToWatch, percent: 50, where: "*", with: []int{3, 13},
		euros: []int{90000, 35000, 20000}, indicator: "Permanences ouvertes chaque semaine|permanences|31|60|80|47",
		steps: "!Recenser les permanences>1; Ouvrir au moins une permanence par commune>10; Publier les horaires sur le portail>14"},
	{axis: 1, title: "Permanences mutualisées de la rive droite", objective: "Huit communes partagent un planning d’aide : quand une permanence ferme, la voisine est ouverte.",
		pilot: "cenon", body: "communes", audience: "Habitants de la rive droite", from: -6, to: 11, status: roadmap.InProgress, confidence: roadmap.OnCourse, percent: 80, where: rightBank, with: []int{13},
		euros: []int{24000, 6000}, indicator: "Personnes accueillies|personnes|0|1200|1500|1043",
		steps: "!Accorder les plannings>0; !Former les agents d’accueil>3; Décider de la suite>11"},
	{axis: 1, title: "Essai de présence sur deux marchés", objective: "Rencontrer sur le marché les personnes qui ne poussent pas la porte d’un lieu d’aide.",
		body: "gni", audience: "Personnes éloignées des lieux d’aide", from: 0, to: 9, status: roadmap.InProgress, confidence: roadmap.NeedsSupport, percent: 30, where: "begles talence",
		euros: []int{9000}, indicator: "Personnes rencontrées|personnes|0|400||96",
		steps: "!Chiffrer l’essai>3; Tenir douze matinées>8; Présenter le bilan au GNI>10", by: "gni"},
	{axis: 1, title: "Accompagner les démarches de santé", objective: "Prise de rendez-vous, espace santé, remboursements : les personnes sont aidées sans confier leurs codes.",
		pilot: "Caisse primaire d’assurance maladie", body: "partenaires", audience: "Assurés, personnes âgées, aidants", from: -5, to: 18, status: roadmap.InProgress, confidence: roadmap.OnCourse, percent: 40, where: "bordeaux merignac pessac talence lormont", with: []int{5, 6},
		euros: []int{10000, 18000, 7000}, indicator: "Ateliers santé tenus|ateliers|0|60|90|52",
		steps: "!Écrire le déroulé avec les caisses>1; Former quarante animateurs>12; Proposer un atelier dans chaque commune volontaire>17"},
	{axis: 1, title: "Ligne d’appel unique pour trouver une aide", objective: "Un seul numéro, gratuit, pour savoir où se faire aider près de chez soi.",
		body: "partenaires", audience: "Personnes sans accès à internet", from: 4, to: 22, status: roadmap.Suspended, percent: 10, where: "*", with: []int{1, 2},
		euros: []int{30000, 0, 0}, steps: "!Étudier les lignes d’appel existantes>5; Choisir l’opérateur>9", reason: "Le financement n’est pas réuni ; le groupe des partenaires reprendra le sujet au printemps."},
	{axis: 1, title: "Carte des lieux d’aide à jour", objective: "Les habitants et les professionnels trouvent en une minute le bon lieu, avec ses horaires.",
		body: "gni", audience: "Habitants et professionnels", from: -11, to: 5, status: roadmap.Done, confidence: roadmap.OnCourse, percent: 100, where: "*",
		euros: []int{12000}, indicator: "Fiches de lieux à jour depuis moins d’un an|fiches|40|120||126", steps: "!Recueillir les fiches>-6; !Publier l’annuaire>4"},

	{axis: 2, title: "Réseau Aladdin : former les plus démunis", objective: "Les personnes orientées par un travailleur social suivent une formation gratuite, dans une structure proche.",
		body: "gni", audience: "Personnes en situation de précarité", from: -11, to: 36, status: roadmap.InProgress, confidence: roadmap.OnCourse, percent: 50, where: "*", with: []int{3, 7},
		euros: []int{160000, 40000, 25000}, indicator: "Structures qui forment|structures|30|34|38|33", steps: "!Renouveler les conventions>1; Ouvrir le réseau à quatre structures>12; Évaluer avec les personnes formées>22"},
	{axis: 2, title: "Module de deux heures pour les bénévoles", objective: "Chaque bénévole qui aide aux démarches a suivi un module commun, puis un tutorat.",
		body: "gni", audience: "Bénévoles des structures", from: 1, to: 14, status: roadmap.InProgress, confidence: roadmap.OnCourse, percent: 70, where: "*", with: []int{13},
		euros: []int{14000, 5000}, indicator: "Bénévoles formés|bénévoles|0|120|200|104", steps: "!Écrire le module>3; !Former douze bénévoles à l’essai>5; Former cent vingt bénévoles>11", by: "gni"},
	{axis: 2, title: "Modèle de mandat des aidants", objective: "L’aidant sait ce qu’il peut faire à la place de la personne ; la personne sait ce qu’elle a confié.",
		body: "gni", audience: "Aidants professionnels et bénévoles", from: 2, to: 9, status: roadmap.InProgress, confidence: roadmap.ToWatch, percent: 80, where: "", with: []int{3, 4},
		euros: []int{4000, 0, 0}, steps: "!Écrire le modèle>5; Relire la version facile à lire>9; Diffuser à toutes les structures>12", by: "gni"},
	{axis: 2, title: "Former les agents d’accueil des mairies", objective: "Dans chaque mairie, au moins deux agents savent accueillir, rassurer et orienter une personne en difficulté avec le numérique.",
		body: "communes", audience: "Agents communaux", from: -8, to: 12, status: roadmap.InProgress, confidence: roadmap.ToWatch, percent: 40, where: "*",
		euros: []int{38000}, indicator: "Agents formés|agents|0|56|84|35", steps: "!Choisir l’organisme de formation>-2; Former deux agents par commune>10; Réunir les agents formés>13"},
	{axis: 2, title: "Parcours d’apprentissage dans les médiathèques", objective: "Six séances en petit groupe, pour ne plus avoir peur de l’ordinateur ni du téléphone.",
		pilot: "merignac", body: "communes", audience: "Personnes âgées, débutants", from: -3, to: 16, status: roadmap.InProgress, confidence: roadmap.OnCourse, percent: 50, where: "merignac pessac gradignan le-bouscat eysines blanquefort", with: []int{5},
		euros: []int{16000, 9000}, indicator: "Personnes ayant suivi le parcours|personnes|0|240|360|187", steps: "!Écrire les six séances>0; Ouvrir dans six médiathèques>9"},
	{axis: 2, title: "Français et numérique : ateliers croisés", objective: "Apprendre le français et les démarches en ligne dans le même atelier.",
		pilot: "Mission locale", body: "partenaires", audience: "Personnes qui apprennent le français", from: 9, to: 26, status: roadmap.Validated, percent: -1, where: "bordeaux lormont cenon floirac begles", with: []int{7},
		euros: []int{12000, 10000}, steps: "Réunir les centres de formation>13; Ouvrir huit ateliers>20", by: "partenaires"},
	{axis: 2, title: "Une demi-journée sur le mandat avec l’Assurance maladie", objective: "Les aidants posent leurs questions à l’Assurance maladie et repartent avec des réponses écrites.",
		pilot: "Caisse primaire d’assurance maladie", body: "gni", audience: "Aidants", from: -8, to: -4, status: roadmap.Done, confidence: roadmap.OnCourse, percent: 100, where: "",
		euros: []int{1500, 1500}, with: []int{4}, steps: "!Tenir la demi-journée>-5"},

	{axis: 3, title: "Filière locale de matériel reconditionné", objective: "Les ordinateurs des entreprises et des administrations d’ici équipent des familles d’ici.",
		body: "partenaires", audience: "Familles, étudiants, structures", from: -2, to: 30, status: roadmap.InProgress, confidence: roadmap.NeedsSupport, percent: 30, where: "*", with: []int{10, 1, 14},
		euros: []int{75000, 60000, 20000, 10000}, indicator: "Ordinateurs remis à des familles|ordinateurs|0|300|800|138", steps: "!Signer avec dix entreprises>4; Trouver le local de stockage>8; Remettre le millième ordinateur>24", by: "partenaires"},
	{axis: 3, title: "Prêt d’ordinateurs et de clés de connexion", objective: "Une famille sans matériel en reçoit un en prêt dans les deux semaines, le temps d’une formation ou d’une démarche.",
		body: "communes", audience: "Familles, demandeurs d’emploi", from: -7, to: 15, status: roadmap.InProgress, confidence: roadmap.OnCourse, percent: 60, where: "bordeaux begles cenon lormont pessac talence villenave-d-ornon", with: []int{7, 9},
		euros: []int{26000, 8000, 6000}, indicator: "Prêts en cours|prêts|12|90|120|71", steps: "!Écrire la convention de prêt>-4; Ouvrir le prêt dans sept communes>9"},
	{axis: 3, title: "Liste publique des lieux qui prêtent du matériel", objective: "Savoir où emprunter un appareil, sans téléphoner à dix endroits.",
		body: "gni", audience: "Habitants, travailleurs sociaux", from: -10, to: -5, status: roadmap.Done, confidence: roadmap.OnCourse, percent: 100, where: "*",
		euros: []int{0}, steps: "!Publier la liste>-6"},
	{axis: 3, title: "Internet dans les résidences sociales", objective: "Un accès à internet correct et abordable dans chaque résidence volontaire.",
		pilot: "Bailleurs sociaux réunis", body: "partenaires", audience: "Locataires du parc social", from: 0, to: 10, status: roadmap.InProgress, confidence: roadmap.Compromised, percent: 20, where: "bordeaux lormont cenon floirac", with: []int{14, 11},
		euros: []int{20000, 45000, 15000}, indicator: "Résidences raccordées|résidences|0|20|40|3", steps: "!Choisir les vingt premières résidences>3; Raccorder dix résidences>8"},
	{axis: 3, title: "Bornes d’accès dans les halls de mairie", objective: "Imprimer, scanner, envoyer un document, avec un agent à côté.",
		body: "communes", audience: "Tous les habitants", from: -9, to: 8, status: roadmap.InProgress, confidence: roadmap.ToWatch, percent: 70, where: "*",
		euros: []int{64000}, indicator: "Mairies équipées|mairies|4|24|28|19", steps: "!Choisir le matériel>-3; !Équiper quatorze mairies>2; Équiper vingt-quatre mairies>9"},
	{axis: 3, title: "Collecte d’appareils dans les écoles", objective: "Les familles rapportent les téléphones et tablettes qui dorment dans les tiroirs.",
		pilot: "Rectorat", body: "partenaires", audience: "Élèves et familles", from: -4, to: 6, status: roadmap.Abandoned, percent: 10, where: "bordeaux merignac",
		euros: []int{6000, 2000}, with: []int{12}, steps: "!Écrire le projet avec deux écoles>-1", reason: "La collecte en entreprise donne dix fois plus d’appareils pour le même effort."},

	{axis: 4, title: "Premier examen d’accessibilité des sites communaux", objective: "Chaque commune sait ce qui empêche une partie des habitants d’utiliser son site, et par quoi commencer.",
		body: "communes", audience: "Communes, personnes handicapées", from: 4, to: 17, status: roadmap.InProgress, confidence: roadmap.OnCourse, percent: 40, where: "*",
		euros: []int{28000}, indicator: "Sites examinés|sites|0|14|28|12", steps: "!Choisir la méthode d’examen>6; Examiner quatorze sites>11; Former les agents qui publient>15"},
	{axis: 4, title: "Écrire simplement : courriers et formulaires", objective: "Les dix courriers les plus envoyés par chaque collectivité sont compris à la première lecture.",
		body: "communes", audience: "Usagers des services publics", from: -1, to: 20, status: roadmap.InProgress, confidence: roadmap.OnCourse, percent: 30, where: "bordeaux bruges le-haillan talence saint-medard-en-jalles", with: []int{3},
		euros: []int{15000, 5000}, steps: "!Choisir les courriers>4; Réécrire cinquante courriers>14"},
	{axis: 4, title: "Un accueil humain dans chaque service public", objective: "Toute démarche garde une voie sans numérique, au guichet ou par téléphone, sans délai plus long.",
		body: "cmtin", audience: "Tous les usagers", from: -10, to: 26, status: roadmap.InProgress, confidence: roadmap.NeedsSupport, percent: 30, where: "*", with: []int{3, 4, 5, 7},
		euros: []int{5000, 0, 0, 0, 0}, steps: "!Adopter une prise de position>-1; Recenser les guichets ouverts>12; Réunir les opérateurs>18", by: "gni"},
	{axis: 4, title: "Associer les habitants à la conception des téléservices", objective: "Aucun téléservice métropolitain n’ouvre sans avoir été essayé par dix habitants, dont trois en difficulté avec le numérique.",
		body: "cmtin", audience: "Habitants volontaires", from: 7, to: 24, status: roadmap.Validated, percent: -1, where: "", euros: []int{18000}, steps: "Réunir un groupe d’habitants>13; Essayer le premier téléservice>16", by: "cmtin"},

	{axis: 5, title: "Observatoire des inégalités numériques", objective: "Tous les acteurs partagent les mêmes chiffres, datés et sourcés, commune par commune.",
		body: "cmtin", audience: "Acteurs de la gouvernance, public", from: -11, to: 25, status: roadmap.InProgress, confidence: roadmap.OnCourse, percent: 60, where: "*", with: []int{11},
		euros: []int{32000, 8000}, indicator: "Indicateurs publiés|indicateurs|2|10|14|9", steps: "!Choisir les indicateurs avec les partenaires>0; !Publier les premiers chiffres>7; Mener l’enquête auprès des habitants>15"},
	{axis: 5, title: "Calendrier commun des appels à projets", objective: "Une structure dépose un seul dossier pour une action, au bon moment.",
		body: "partenaires", audience: "Structures financées", from: -11, to: 3, status: roadmap.Done, confidence: roadmap.OnCourse, percent: 100, where: "", with: []int{1, 2, 3, 10},
		euros: []int{0, 0, 0, 0, 0}, steps: "!Réunir les dates>0; !Publier le calendrier>2", by: "partenaires"},
	{axis: 5, title: "Trame commune de bilan d’action", objective: "Le même bilan sert à tous les financeurs.",
		body: "partenaires", audience: "Structures financées, financeurs", from: -3, to: 9, status: roadmap.InProgress, confidence: roadmap.ToWatch, percent: 70, where: "", with: []int{1, 2, 3},
		euros: []int{3000, 0, 0, 0}, steps: "!Essayer la trame sur quatre actions>6; Adopter la trame>9"},
	{axis: 5, title: "Coordination des conseillers numériques", objective: "Les conseillers numériques se connaissent, se remplacent et partagent leurs outils.",
		body: "gni", audience: "Conseillers numériques et employeurs", from: -11, to: 36, status: roadmap.InProgress, confidence: roadmap.NeedsSupport, percent: 50, where: "*", with: []int{1, 11},
		euros: []int{42000, 10000, 0}, indicator: "Postes pourvus|postes|44|46|46|41", steps: "!Réunir les employeurs>1; Obtenir une réponse sur la suite des postes>12"},
	{axis: 5, title: "Un référent numérique par commune", objective: "Chaque commune a une personne qui répond pour elle et reçoit les informations.",
		body: "communes", audience: "Communes", from: -6, to: 8, status: roadmap.InProgress, confidence: roadmap.OnCourse, percent: 90, where: "*", euros: []int{0},
		indicator: "Communes avec un référent|communes|6|28||25", steps: "!Écrire le rôle du référent>-4; Désigner les vingt-huit référents>8"},
	{axis: 5, title: "Rencontre annuelle des acteurs de l’inclusion numérique", objective: "Une journée pour se connaître, montrer ce qui marche et repartir avec un contact.",
		body: "gni", audience: "Structures, communes, partenaires", from: 14, to: 17, status: roadmap.Validated, percent: -1, where: "", with: []int{2, 10},
		euros: []int{8000, 4000, 4000}, steps: "Choisir la date et le lieu>14; Tenir la rencontre>17", by: "gni"},
}
