/** Where the sample company's customers live: names, streets, numbers and money as they are there. Invented; mail ends in `.example`. */
export interface Place {
  country: string;
  currency: string;
  language: string;
  /** Share of the customers. */
  share: number;
  /** City, region, beginning of the postal code with # for digits, beginning of telephone numbers with # for digits. */
  cities: readonly (readonly [city: string, region: string | null, postal: string, phone: string])[];
  /** With # for the house number. */
  streets: readonly string[];
  given: readonly string[];
  family: readonly string[];
  /** Names of organisations, {f} a family name, {c} the city, {w} a word, with the trade they are in. */
  firms: readonly (readonly [pattern: string, industry: string])[];
  words: readonly string[];
}

const list = (text: string): string[] => text.split('|');
const firms = (text: string): [string, string][] =>
  list(text).map((entry) => {
    const [pattern = '', industry = 'services'] = entry.split('=');
    return [pattern, industry];
  });

const GERMAN_FIRMS = firms(
  'Hotel {w}=services|Café {w}=food|Bäckerei {f}=food|Konditorei {f}=food|Gasthaus {w}=food|{f} Maschinenbau GmbH=manufacturing|Autohaus {f}=retail|Praxis Dr. {f}=medical|Klinikum {c}=medical|Kanzlei {f} & Partner=services|{f} Logistik GmbH=transport|Stadtwerke {c}=energy|{w} Software GmbH=software|{f} Architekten=construction|Buchhandlung {f}=retail|Hochschule {c}=education|{w} Versicherungen AG=finance|Rösterei {w}=food|{f} & Söhne KG=wholesale',
);
const GERMAN_WORDS = list(
  'Alpenblick|Seeblick|Adler|Lindenhof|Goldener Hirsch|Morgenrot|Kornblume|Weitblick|Brunnenhof|Anker|Sonnenhof|Rosengarten|Feldmann|Kompass|Nordstern|Waldhaus|Marktplatz|Mühle|Lerche|Kastanie|Viktoria|Regent|Turmfalke|Schwalbe|Bergkristall|Südwind|Kranich|Fährhaus|Augustus|Herzog',
);

export const PLACES: readonly Place[] = [
  {
    country: 'DE',
    currency: 'EUR',
    language: 'de',
    share: 0.28,
    cities: [
      ['Berlin', 'Berlin', '10###', '+49 30 23125 ###'],
      ['Hamburg', 'Hamburg', '20###', '+49 40 66969 ###'],
      ['München', 'Bayern', '80###', '+49 89 99998 ###'],
      ['Köln', 'Nordrhein-Westfalen', '50###', '+49 221 4710 ###'],
      ['Frankfurt am Main', 'Hessen', '60###', '+49 69 90009 ###'],
      ['Leipzig', 'Sachsen', '04###', '+49 341 5550 ###'],
      ['Stuttgart', 'Baden-Württemberg', '70###', '+49 711 5550 ###'],
      ['Bremen', 'Bremen', '28###', '+49 421 5550 ###'],
    ],
    streets: list(
      'Lindenstraße #|Hauptstraße #|Bahnhofstraße #|Goethestraße #|Am Markt #|Schillerstraße #|Gartenweg #|Hafenstraße #|Ringstraße #|Mühlenweg #',
    ),
    given: list(
      'Katharina|Jens|Anna|Lukas|Sabine|Thomas|Julia|Markus|Nina|Stefan|Claudia|Jan|Petra|Florian|Ayşe|Tobias|Heike|Matthias|Lena|Mehmet|Birgit|Felix|Svenja|Uwe|Monika|Jonas|Carolin|Dirk|Ines|Rainer|Alexander|Christine|Sebastian|Andrea|Holger|Franziska|Oliver|Marie|Daniel|Ute|Timo|Silke|Henning|Vera|Cem|Antje',
    ),
    family: list(
      'Brandt|Petersen|Müller|Schneider|Hoffmann|Krüger|Vogel|Lehmann|Winter|Keller|Albrecht|Busch|Sommer|Yılmaz|Böhm|Seidel|Franke|Lorenz|Otto|Graf|Roth|Beck|Haas|Jäger|Kaiser|Engel|Schuster|Dietrich|Ziegler|Kuhn|Pohl|Horn|Ebert|Thiel|Voigt|Sauer|Arnold|Kraus|Simon|Peters|Lang|Scholz|Hahn|Schubert|Marx|Wolff|Bergmann|Nowak|Demir',
    ),
    firms: GERMAN_FIRMS,
    words: GERMAN_WORDS,
  },
  {
    country: 'AT',
    currency: 'EUR',
    language: 'de',
    share: 0.07,
    cities: [
      ['Wien', 'Wien', '10#0', '+43 1 5550 ###'],
      ['Salzburg', 'Salzburg', '50#0', '+43 662 5550 ##'],
      ['Graz', 'Steiermark', '80#0', '+43 316 5550 ##'],
      ['Innsbruck', 'Tirol', '60#0', '+43 512 5550 ##'],
    ],
    streets: list('Mariahilfer Straße #|Landstraßer Hauptstraße #|Getreidegasse #|Herrengasse #|Annenstraße #|Maria-Theresien-Straße #'),
    given: list(
      'Elisabeth|Michael|Barbara|Georg|Verena|Andreas|Theresa|Christoph|Magdalena|Wolfgang|Johanna|Bernhard|Eva|Paul|Marlene|Gernot|Katrin|Martin|Sophie|Stefan|Ulrike|Dominik|Angelika|Manuel|Lisa|Alois',
    ),
    family: list(
      'Gruber|Huber|Steiner|Moser|Mayer|Hofer|Leitner|Berger|Fuchs|Eder|Fischer|Schmid|Winkler|Weber|Schwarz|Maier|Reiter|Wallner|Auer|Egger|Lechner|Haider|Pichler|Binder|Wimmer|Brandstätter|Holzer|Strasser|Koller|Aigner',
    ),
    firms: GERMAN_FIRMS,
    words: GERMAN_WORDS,
  },
  {
    country: 'CH',
    currency: 'CHF',
    language: 'de',
    share: 0.08,
    cities: [
      ['Zürich', 'ZH', '80##', '+41 44 555 ## ##'],
      ['Basel', 'BS', '40##', '+41 61 555 ## ##'],
      ['Bern', 'BE', '30##', '+41 31 555 ## ##'],
      ['Luzern', 'LU', '60##', '+41 41 555 ## ##'],
    ],
    streets: list('Bahnhofstrasse #|Seestrasse #|Spalenberg #|Marktgasse #|Pilatusstrasse #|Limmatquai #|Bundesgasse #'),
    given: list(
      'Urs|Regula|Reto|Sandra|Beat|Corinne|Daniel|Nadja|Marco|Ursina|Lukas|Simone|Adrian|Flurina|Pascal|Melanie|Barbara|Thomas|Claudia|Stefan|Nicole|Andreas|Monika|Michael|Priska|Roman|Esther|Christian|Laura|Silvan|Manuela|Martin',
    ),
    family: list(
      'Meier|Frei|Baumann|Gerber|Zimmermann|Widmer|Brunner|Kunz|Wyss|Suter|Graf|Bachmann|Bühler|Kälin|Ammann|Hess|Zürcher|Lüthi|Stalder|Odermatt|Keller|Fischer|Huber|Moser|Steiner|Roth|Marti|Wenger|Amstutz|Christen|Hofmann|Aebi|Schärer|Koch',
    ),
    firms: firms(
      'Hotel {w}=services|Café {w}=food|Confiserie {f}=food|{f} Treuhand AG=finance|{f} Uhren AG=retail|Spital {c}=medical|{w} Informatik AG=software|Garage {f} AG=retail|{f} Bau AG=construction|Bäckerei {f}=food|{w} Pharma AG=medical|{f} + Partner=services',
    ),
    words: list(
      'Seehof|Krone|Bellevue|Schwanen|Storchen|Rigiblick|Edelweiss|Arve|Limmat|Rössli|Sternen|Schweizerhof|Aareblick|Helvetia|Kreuz|Bären|Linde|Glacier',
    ),
  },
  {
    country: 'FR',
    currency: 'EUR',
    language: 'fr',
    share: 0.12,
    cities: [
      ['Paris', 'Île-de-France', '750##', '+33 1 99 00 ## ##'],
      ['Lyon', 'Auvergne-Rhône-Alpes', '690##', '+33 4 65 71 ## ##'],
      ['Bordeaux', 'Nouvelle-Aquitaine', '330##', '+33 5 36 49 ## ##'],
      ['Strasbourg', 'Grand Est', '670##', '+33 3 53 01 ## ##'],
      ['Nantes', 'Pays de la Loire', '440##', '+33 2 61 91 ## ##'],
    ],
    streets: list(
      '# rue de la République|# avenue Victor Hugo|# rue du Faubourg|# place du Marché|# quai des Chartrons|# rue des Lilas|# boulevard Voltaire|# rue Sainte-Catherine',
    ),
    given: list(
      'Camille|Julien|Claire|Antoine|Sophie|Mathieu|Amélie|Nicolas|Nathalie|Pierre|Hélène|Olivier|Manon|Karim|Isabelle|Laurent|Élodie|Thierry|Aurélie|Guillaume|Marie|Vincent|Céline|Sébastien|Pauline|Romain|Valérie|Damien|Justine|Yann|Sandrine|Hugo|Fatima|Benoît',
    ),
    family: list(
      'Martin|Bernard|Dubois|Laurent|Moreau|Lefèvre|Garnier|Fournier|Girard|Mercier|Blanc|Guérin|Boyer|Chevalier|Lambert|Rousseau|Benali|Perrin|Marchand|Renard|Colin|Picard|Roche|Vidal|Leclerc|Bouvier',
    ),
    firms: firms(
      'Hôtel {w}=services|Café {w}=food|Boulangerie {f}=food|Brasserie {w}=food|Cabinet {f} & Associés=services|{f} Industries SAS=manufacturing|Clinique {w}=medical|Maison {f}=retail|{f} Conseil SARL=services|Imprimerie {f}=manufacturing|Lycée {w}=education|Transports {f}=transport|{f} Numérique SAS=software|Pâtisserie {f}=food',
    ),
    words: list(
      'du Parc|des Arts|Beaurivage|de la Gare|Bellecour|des Voyageurs|Saint-Michel|Mirabeau|du Midi|Les Tilleuls|de Bretagne|Belle Époque|du Théâtre|Le Phare|des Halles|Montaigne|La Rotonde|Lumière|du Lac|Sainte-Anne',
    ),
  },
  {
    country: 'GB',
    currency: 'GBP',
    language: 'en',
    share: 0.13,
    cities: [
      ['London', 'Greater London', 'EC#A #AB', '+44 20 7946 0###'],
      ['Manchester', 'Greater Manchester', 'M# #DN', '+44 161 496 0###'],
      ['Bristol', null, 'BS# #TR', '+44 117 496 0###'],
      ['Edinburgh', 'Scotland', 'EH# #LF', '+44 131 496 0###'],
      ['Leeds', 'West Yorkshire', 'LS# #HB', '+44 113 496 0###'],
    ],
    streets: list(
      '# High Street|# Church Lane|# Station Road|# Victoria Road|# Mill Lane|# King Street|# Park Avenue|# Queen’s Walk|# Bridge Street',
    ),
    given: list(
      'Olivia|James|Emma|Oliver|Charlotte|Harry|Priya|George|Sophie|Daniel|Grace|Imran|Lucy|Matthew|Amelia|Callum|Fiona|Rhys|Hannah|Gareth|Zara|Edward|Thomas|Rebecca|Alexander|Chloe|Benjamin|Aisha|William|Megan|Samuel|Eleanor|Lewis|Natalie|Adam|Isla',
    ),
    family: list(
      'Smith|Taylor|Patel|Walker|Wright|Hughes|Edwards|Green|Hall|Clarke|Khan|Turner|Morgan|Cooper|Bennett|Ellis|Shaw|Barnes|Fraser|MacLeod|Palmer|Webb|Holmes|Lloyd|Chapman|Fletcher',
    ),
    firms: firms(
      'The {w} Hotel=services|{w} Coffee House=food|{f} & Sons Ltd=wholesale|{f} Bakery=food|{f} Legal LLP=services|{w} Software Ltd=software|{c} College=education|{f} Engineering Ltd=manufacturing|{w} Gallery Café=food|{f} Estates Ltd=services|{w} Surgery=medical|{f} Freight Ltd=transport|{w} Books=retail|{w} Brewing Co=food',
    ),
    words: list(
      'Wren|Albion|Harbour|Foxglove|Old Mill|Lantern|Queen’s Head|Juniper|Thistle|Clifton|Riverside|Canterbury|Hawthorn|Beacon|Regency|Copper Kettle|Northgate|Saltmarsh|Willow|Kingfisher|Meridian|Bramble',
    ),
  },
  {
    country: 'US',
    currency: 'USD',
    language: 'en',
    share: 0.12,
    cities: [
      ['New York', 'NY', '100##', '+1 212 555 01##'],
      ['Boston', 'MA', '021##', '+1 617 555 01##'],
      ['Chicago', 'IL', '606##', '+1 312 555 01##'],
      ['Seattle', 'WA', '981##', '+1 206 555 01##'],
      ['Austin', 'TX', '787##', '+1 512 555 01##'],
    ],
    streets: list('# Main Street|# Broadway|# Park Avenue|# Oak Street|# Lakeview Drive|# Congress Avenue|# Pine Street|# Market Street'),
    given: list(
      'Emily|Michael|Jessica|David|Ashley|Christopher|Maria|Joshua|Megan|Andrew|Keisha|Brian|Rachel|Carlos|Lauren|Kevin|Nicole|Tyler|Samantha|Marcus|Erin|Jason|Daniel|Amanda|Matthew|Stephanie|Anthony|Olivia|Justin|Danielle|Ryan|Angela|Eric|Hannah|Jose|Brittany',
    ),
    family: list(
      'Johnson|Williams|Brown|Garcia|Miller|Davis|Rodriguez|Anderson|Thompson|Nguyen|Lewis|Robinson|Kim|Hill|Flores|Nelson|Baker|Rivera|Campbell|Mitchell|Carter|Roberts|Phillips|Evans|Parker|Collins',
    ),
    firms: firms(
      '{w} Hotel=services|{w} Roasters=food|{f} Law Group=services|{w} Labs, Inc.=technology|{f} Dental=medical|{w} Media, Inc.=entertainment|{f} Construction Co.=construction|{c} Community Hospital=medical|{w} Bagel Co.=food|{f} & {f} CPA=finance|{w} Outfitters=retail|{w} Bank=finance|{f} Auto Group=retail|{w} Co-working=services',
    ),
    words: list(
      'Blue Heron|Lakeshore|Summit|Cornerstone|Redwood|Liberty|Harborview|Golden Gate|Pioneer|Sawyer|Maple & Main|Beacon Hill|Evergreen|Lone Star|Northside|Union Square|Cascade|Prairie|Riverbend|Copperline|Hudson|Bluebonnet',
    ),
  },
  {
    country: 'ES',
    currency: 'EUR',
    language: 'es',
    share: 0.07,
    cities: [
      ['Madrid', 'Comunidad de Madrid', '280##', '+34 91 555 ## ##'],
      ['Barcelona', 'Cataluña', '080##', '+34 93 555 ## ##'],
      ['Valencia', 'Comunidad Valenciana', '460##', '+34 96 555 ## ##'],
      ['Sevilla', 'Andalucía', '410##', '+34 95 555 ## ##'],
    ],
    streets: list('Calle Mayor #|Gran Vía #|Calle de Alcalá #|Paseo de Gracia #|Calle Colón #|Avenida de la Constitución #|Plaza Nueva #'),
    given: list(
      'Lucía|Javier|Carmen|Alejandro|Marta|Diego|Elena|Pablo|Cristina|Sergio|Nuria|Álvaro|Rocío|Ignacio|Pilar|Jordi|Laura|Miguel|Beatriz|Antonio|Isabel|Raúl|Silvia|Óscar|Teresa|Víctor|Ana|Rubén|Patricia|Andrés|Inmaculada|Gonzalo',
    ),
    family: list(
      'García|Fernández|López|Martínez|Sánchez|Romero|Navarro|Torres|Domínguez|Ramos|Gil|Serrano|Molina|Ortega|Rubio|Vega|Iglesias|Castro|Puig|Ferrer|Blanco|Suárez|Méndez|Cabrera|Prieto|Soler|Herrera|Peña|Vidal|León',
    ),
    firms: firms(
      'Hotel {w}=services|Café {w}=food|Panadería {f}=food|Restaurante {w}=food|{f} y Asociados=services|Clínica {f}=medical|{f} Logística SL=transport|{f} Sistemas SL=software|Bodegas {f}=food|Colegio {w}=education|Talleres {f} SL=manufacturing',
    ),
    words: list(
      'del Sol|Miramar|La Giralda|Alhambra|El Olivo|Plaza Mayor|Casa Blanca|Las Ramblas|San Telmo|El Faro|Los Naranjos|Tibidabo|La Marina|El Retiro|Costa Azul|Macarena',
    ),
  },
  {
    country: 'JP',
    currency: 'JPY',
    language: 'ja',
    share: 0.05,
    cities: [
      ['東京', '東京都', '100-00##', '+81 3 5550 ####'],
      ['大阪', '大阪府', '530-00##', '+81 6 5550 ####'],
      ['京都', '京都府', '600-80##', '+81 75 555 ####'],
      ['福岡', '福岡県', '810-00##', '+81 92 555 ####'],
    ],
    streets: list('千代田1-#|北区梅田2-#|中央区天神#|下京区四条通#|港区南青山3-#|博多駅前2-#'),
    given: list('花子|健太|美咲|大輔|由美|拓也|さくら|直樹|恵子|翔太|真由美|浩二'),
    family: list('佐藤|鈴木|高橋|田中|伊藤|渡辺|山本|中村|小林|加藤|吉田|山田|松本|井上|木村|清水'),
    firms: firms(
      'ホテル{w}=services|喫茶{w}=food|株式会社{f}製作所=manufacturing|{f}商店=retail|{w}珈琲店=food|{f}クリニック=medical|株式会社{w}システム=software|{w}ベーカリー=food|{f}法律事務所=services',
    ),
    words: list('さくら|みやび|富士|青葉|銀座|つばめ|ひかり|みなと|こもれび|ほたる|やまと|あさひ|なごみ|しずく'),
  },
  {
    country: 'IT',
    currency: 'EUR',
    language: 'it',
    share: 0.05,
    cities: [
      ['Milano', 'MI', '201##', '+39 02 5550 ####'],
      ['Torino', 'TO', '101##', '+39 011 555 ####'],
      ['Bologna', 'BO', '401##', '+39 051 555 ####'],
      ['Roma', 'RM', '001##', '+39 06 5550 ####'],
    ],
    streets: list('Via Roma #|Corso Italia #|Via Garibaldi #|Piazza Duomo #|Via Dante #|Via della Libertà #'),
    given: list(
      'Giulia|Marco|Francesca|Luca|Chiara|Matteo|Silvia|Davide|Elisa|Andrea|Paola|Stefano|Martina|Giovanni|Laura|Alessandro|Valentina|Simone|Roberta|Fabio|Sara|Lorenzo',
    ),
    family: list(
      'Rossi|Ferrari|Russo|Bianchi|Romano|Colombo|Ricci|Marino|Greco|Conti|Bruno|Gallo|Costa|Fontana|Rinaldi|Caruso|De Luca|Moretti|Barbieri|Lombardi|Galli|Martini|Leone|Serra',
    ),
    firms: firms(
      'Albergo {w}=services|Caffè {w}=food|Pasticceria {f}=food|Studio {f} & Associati=services|{f} Meccanica S.r.l.=manufacturing|Farmacia {f}=medical|{f} Moda S.p.A.=retail|Trattoria {w}=food',
    ),
    words: list(
      'Bellavista|Centrale|Del Corso|La Torre|San Marco|Belvedere|Due Torri|Aurora|Quattro Stagioni|Porta Nuova|Al Ponte|Vittoria',
    ),
  },
  {
    country: 'NL',
    currency: 'EUR',
    language: 'nl',
    share: 0.03,
    cities: [
      ['Amsterdam', 'Noord-Holland', '10## AB', '+31 20 555 ####'],
      ['Rotterdam', 'Zuid-Holland', '30## KD', '+31 10 555 ####'],
      ['Utrecht', 'Utrecht', '35## LN', '+31 30 555 ####'],
    ],
    streets: list('Keizersgracht #|Stationsplein #|Kerkstraat #|Dorpsstraat #|Oudegracht #'),
    given: list('Sanne|Daan|Lotte|Bram|Fleur|Pieter|Anouk|Joris|Maaike|Ruben'),
    family: list('de Vries|Jansen|Bakker|Visser|Smit|Meijer|de Boer|Mulder|van Dijk|Vos|Peters|Hendriks'),
    firms: firms(
      'Hotel {w}=services|Koffiehuis {w}=food|Bakkerij {f}=food|{f} Advocaten=services|{w} Techniek BV=technology|{f} Bouw BV=construction',
    ),
    words: list('De Kroon|Het Anker|Zeezicht|De Molen|Oranje|De Gouden Leeuw|Waterkant|De Haven'),
  },
];
