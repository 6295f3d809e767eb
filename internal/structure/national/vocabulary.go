package national

// The closed lists of the standard, in its order. A test compares them with the
// reference file and with the constraints of the schema.

// Services is what is offered to the public (column services).
var Services = Vocabulary{
	{"Acquisition de matériel informatique à prix solidaire", "acquisition-de-materiel-informatique-a-prix-solidaire", "Acquisition de matériel informatique à prix solidaire"},
	{"Aide aux démarches administratives", "aide-aux-demarches-administratives", "Aide aux démarches administratives"},
	{"Maîtrise des outils numériques du quotidien", "maitrise-des-outils-numeriques-du-quotidien", "Maîtrise des outils numériques du quotidien"},
	{"Insertion professionnelle via le numérique", "insertion-professionnelle-via-le-numerique", "Insertion professionnelle via le numérique"},
	{"Utilisation sécurisée du numérique", "utilisation-securisee-du-numerique", "Utilisation sécurisée du numérique"},
	{"Parentalité et éducation avec le numérique", "parentalite-et-education-avec-le-numerique", "Parentalité et éducation avec le numérique"},
	{"Loisirs et créations numériques", "loisirs-et-creations-numeriques", "Loisirs et créations numériques"},
	{"Compréhension du monde numérique", "comprehension-du-monde-numerique", "Compréhension du monde numérique"},
	{"Accès internet et matériel informatique", "acces-internet-et-materiel-informatique", "Accès internet et matériel informatique"},
}

// Audiences is who is specifically addressed (publics_specifiquement_adresses).
var Audiences = Vocabulary{
	{"Jeunes", "jeunes", "Jeunes"},
	{"Étudiants", "etudiants", "Étudiants"},
	{"Familles et/ou enfants", "familles-et-ou-enfants", "Familles et/ou enfants"},
	{"Seniors", "seniors", "Seniors"},
	{"Femmes", "femmes", "Femmes"},
}

// SpecialCare is specific needs taken care of (prise_en_charge_specifique).
var SpecialCare = Vocabulary{
	{"Surdité", "surdite", "Surdité"},
	{"Handicaps moteurs", "handicaps-moteurs", "Handicaps moteurs"},
	{"Handicaps mentaux", "handicaps-mentaux", "Handicaps mentaux"},
	{"Illettrisme", "illettrisme", "Illettrisme"},
	{"Langues étrangères (anglais)", "langues-etrangeres-anglais", "Langues étrangères (anglais)"},
	{"Langues étrangères (autres)", "langues-etrangeres-autres", "Langues étrangères (autres)"},
	{"Déficience visuelle", "deficience-visuelle", "Déficience visuelle"},
}

// Fees is what it costs (frais_a_charge).
var Fees = Vocabulary{
	{"Gratuit", "gratuit", "Gratuit"},
	{"Gratuit sous condition", "gratuit-sous-condition", "Gratuit sous condition"},
	{"Payant", "payant", "Payant"},
}

// Programmes is national programmes (dispositif_programmes_nationaux).
var Programmes = Vocabulary{
	{"Aidants Connect", "aidants-connect", "Aidants Connect"},
	{"Bibliothèques numérique de référence", "bibliotheques-numerique-de-reference", "Bibliothèques numérique de référence"},
	{"Certification PIX", "certification-pix", "Certification PIX"},
	{"Conseillers numériques", "conseillers-numeriques", "Conseillers numériques"},
	{"Emmaüs Connect", "emmaus-connect", "Emmaüs Connect"},
	{"France Services", "france-services", "France Services"},
	{"Grande école du numérique", "grande-ecole-du-numerique", "Grande école du numérique"},
	{"La Croix Rouge", "la-croix-rouge", "La Croix Rouge"},
	{"Point d'accès numérique CAF", "point-d-acces-numerique-caf", "Point d’accès numérique CAF"},
	{"Promeneurs du net", "promeneurs-du-net", "Promeneurs du net"},
	{"Relais numérique (Emmaüs Connect)", "relais-numerique-emmaus-connect", "Relais numérique (Emmaüs Connect)"},
}

// Labels is national trainings and labels (formations_labels).
var Labels = Vocabulary{
	{"Formé à « Mon Espace Santé »", "forme-a-mon-espace-sante", "Formé à «\u00a0Mon Espace Santé\u00a0»"},
	{"Formé à « DUPLEX » (illettrisme)", "forme-a-duplex-illettrisme", "Formé à «\u00a0DUPLEX\u00a0» (illettrisme)"},
	{"Arnia/MedNum BFC (Bourgogne-Franche-Comté)", "arnia-mednum-bfc-bourgogne-franche-comte", "Arnia/MedNum BFC (Bourgogne-Franche-Comté)"},
	{"Collectif ressources et acteurs réemploi (Normandie)", "collectif-ressources-et-acteurs-reemploi-normandie", "Collectif ressources et acteurs réemploi (Normandie)"},
	{"Étapes numériques (La Poste)", "etapes-numeriques-la-poste", "Étapes numériques (La Poste)"},
	{"Fabriques de Territoire", "fabriques-de-territoire", "Fabriques de Territoire"},
	{"Les Éclaireurs du numérique (Drôme)", "les-eclaireurs-du-numerique-drome", "Les Éclaireurs du numérique (Drôme)"},
	{"Mes Papiers (Métropole de Lyon)", "mes-papiers-metropole-de-lyon", "Mes Papiers (Métropole de Lyon)"},
	{"ORDI 3.0", "ordi-3-0", "ORDI 3.0"},
	{"SUD LABS (PACA)", "sud-labs-paca", "SUD LABS (PACA)"},
}

// AccessModes is how one comes or writes (modalites_acces).
var AccessModes = Vocabulary{
	{"Se présenter", "se-presenter", "Se présenter"},
	{"Téléphoner", "telephoner", "Téléphoner"},
	{"Contacter par mail", "contacter-par-mail", "Contacter par mail"},
	{"Envoyer un mail avec une fiche de prescription", "envoyer-un-mail-avec-une-fiche-de-prescription", "Envoyer un mail avec une fiche de prescription"},
	{"Prendre un RDV en ligne", "prendre-un-rdv-en-ligne", "Prendre un RDV en ligne"},
	{"Ce lieu n'accueille pas de public", "ce-lieu-n-accueille-pas-de-public", "Ce lieu n’accueille pas de public"},
}

// SupportModes is how one is helped (modalites_accompagnement).
var SupportModes = Vocabulary{
	{"En autonomie", "en-autonomie", "En autonomie"},
	{"Accompagnement individuel", "accompagnement-individuel", "Accompagnement individuel"},
	{"Dans un atelier collectif", "dans-un-atelier-collectif", "Dans un atelier collectif"},
	{"À distance", "a-distance", "À distance"},
}

// Mobility is fixed or itinerant (itinerance).
var Mobility = Vocabulary{
	{"Itinérant", "itinerant", "Itinérant"},
	{"Fixe", "fixe", "Fixe"},
}

// Typologies is the kinds of organisations (typologie): the code is what is written.
var Typologies = Vocabulary{
	{"ACI", "aci", "Structures porteuses d’ateliers et chantiers d’insertion"},
	{"ACIPHC", "aciphc", "SIAE — Atelier chantier d’insertion premières heures en chantier"},
	{"AFPA", "afpa", "Agence nationale pour la formation professionnelle des adultes"},
	{"AI", "ai", "Associations intermédiaires"},
	{"ASE", "ase", "Aide sociale à l’enfance"},
	{"ASSO", "asso", "Associations"},
	{"ASSO_CHOMEUR", "asso-chomeur", "Associations de chômeurs"},
	{"Autre", "autre", "Autre"},
	{"AVIP", "avip", "Crèche à vocation d’insertion professionnelle"},
	{"BIB", "bib", "Bibliothèque / Médiathèque"},
	{"CAARUD", "caarud", "Centre d’accueil et d’accompagnement à la réduction de risques pour usagers de drogues"},
	{"CADA", "cada", "Centres d’accueil de demandeurs d’asile"},
	{"CAF", "caf", "Caisses d’allocation familiale"},
	{"CAP_EMPLOI", "cap-emploi", "Cap Emploi"},
	{"CAVA", "cava", "Centres d’adaptation à la vie active"},
	{"CC", "cc", "Communautés de Commune"},
	{"CCAS", "ccas", "Centres communaux d’action sociale"},
	{"CCONS", "ccons", "Chambres consulaires"},
	{"CD", "cd", "Conseils Départementaux"},
	{"CDAS", "cdas", "Centre départemental d’action sociale"},
	{"CFP", "cfp", "Centre des finances publiques"},
	{"CHRS", "chrs", "Centres d’hébergement et de réinsertion sociale"},
	{"CHU", "chu", "Centres d’hébergement d’urgence"},
	{"CIAS", "cias", "Centres intercommunaux d’action sociale"},
	{"CIDFF", "cidff", "Centres d’information sur les droits des femmes et des familles"},
	{"CITMET", "citmet", "Cité des métiers"},
	{"CMP", "cmp", "Centre Médico Psychologique"},
	{"CMS", "cms", "Centre médico-social"},
	{"CPAM", "cpam", "Caisse primaire d’assurance maladie"},
	{"CPH", "cph", "Centres provisoires d’hébergement"},
	{"CS", "cs", "Centre social"},
	{"CSAPA", "csapa", "Centre de soins, d’accompagnement et de prévention en addictologie"},
	{"CSC", "csc", "Centre socioculturel"},
	{"DEETS", "deets", "Directions de l’Economie, de l’Emploi, du Travail et des Solidarités"},
	{"DEPT", "dept", "Services sociaux du Conseil départemental"},
	{"DIPLP", "diplp", "Délégation interministérielle à la prévention et à la lutte contre la pauvreté"},
	{"E2C", "e2c", "École de la deuxième chance"},
	{"EA", "ea", "Entreprise adaptée"},
	{"EATT", "eatt", "Entreprise adaptée"},
	{"EI", "ei", "Entreprises d’insertion"},
	{"EITI", "eiti", "Entreprises d’insertion par le travail indépendant"},
	{"ENM", "enm", "Espace Numérique Mobile"},
	{"EPCI", "epci", "Intercommunalité"},
	{"EPI", "epi", "Espace Public Internet"},
	{"EPIDE", "epide", "Établissement pour l’insertion dans l’emploi"},
	{"EPN", "epn", "Espace publique numérique"},
	{"ES", "es", "Épicerie solidaire"},
	{"ESAT", "esat", "Établissements ou services d’aide par le travail"},
	{"ESS", "ess", "Entreprise def l’Économie Sociale et Solidaire"},
	{"ETTI", "etti", "Entreprises de travail temporaire d’insertion"},
	{"EVS", "evs", "Espace de vie sociale"},
	{"FABLAB", "fablab", "Fablab"},
	{"FABRIQUE", "fabrique", "Fabrique"},
	{"FAIS", "fais", "Fédérations d’acteurs de l’insertion et de la solidarité"},
	{"FT", "ft", "France travail"},
	{"GEIQ", "geiq", "Groupements d’employeurs pour l’insertion et la qualification"},
	{"HUDA", "huda", "Hébergement d’urgence pour demandeurs d’asile"},
	{"LA_POSTE", "la-poste", "La Poste"},
	{"MDE", "mde", "Maison de l’emploi"},
	{"MDH", "mdh", "Maison des Habitants"},
	{"MDEF", "mdef", "Maison de l’emploi et de la formation"},
	{"MDPH", "mdph", "Maison Départementale des Personnes Handicapées"},
	{"MDS", "mds", "Maison Départementale des Solidarités"},
	{"MJC", "mjc", "Maison des jeunes et de la culture"},
	{"ML", "ml", "Mission Locale"},
	{"MQ", "mq", "Maison de quartier"},
	{"MSA", "msa", "Mutualité Sociale Agricole"},
	{"MSAP", "msap", "Maison de Services Au Public"},
	{"MUNI", "muni", "Municipalités"},
	{"OACAS", "oacas", "Structures agréées Organisme d’accueil communautaire et d’activité solidaire"},
	{"ODC", "odc", "Organisation délégataire d’un CD"},
	{"OF", "of", "Organisme de formations"},
	{"OIL", "oil", "Opérateur d’intermédiation locative"},
	{"OPCS", "opcs", "Organisation porteuse de la clause sociale"},
	{"PAD", "pad", "Point d’Accès au Droit"},
	{"PENSION", "pension", "Pension de famille"},
	{"PI", "pi", "Point info"},
	{"PIJ_BIJ", "pij-bij", "Points et bureaux information jeunesse"},
	{"PIMMS", "pimms", "Point Information Médiation Multi Services"},
	{"PJJ", "pjj", "Protection judiciaire de la jeunesse"},
	{"PLIE", "plie", "Plans locaux pour l’insertion et l’emploi"},
	{"PREF", "pref", "Préfecture, Sous-Préfecture"},
	{"PREVENTION", "prevention", "Service ou club de prévention"},
	{"REG", "reg", "Région"},
	{"RELAIS_LECTURE", "relais-lecture", "Relais lecture"},
	{"RESSOURCERIE", "ressourcerie", "Ressourcerie"},
	{"RFS", "rfs", "Réseau France Services"},
	{"RS_FJT", "rs-fjt", "Résidence sociale - Foyer de Jeunes Travailleurs"},
	{"SCP", "scp", "Services et clubs de prévention"},
	{"SPIP", "spip", "Services pénitentiaires d’insertion et de probation"},
	{"TIERS_LIEUX", "tiers-lieux", "Tiers lieu & coworking"},
	{"UDAF", "udaf", "Union Départementale d’Aide aux Familles"},
}
