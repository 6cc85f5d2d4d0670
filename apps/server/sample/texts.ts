/** What people wrote and said. {p} is a product, {s} a serial number, {n} a contact's name, {c} the customer. */
const lines = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim());

/** Subject and body of letters and calls by language and purpose; a language without its own speaks English. */
export const SALES: Record<string, readonly string[]> = {
  en: lines(`Quote for two {p}|Could you send us a quote for two {p}, delivered before the end of next month?
    Question about {p}|We make about 120 cups a day. Is {p} the right size for us, or should we look at the larger one?
    Visit of the show room|{n} would like to try {p} with their own beans. Thursday or Friday afternoon suits.
    Follow-up to our offer|Called to ask whether the offer arrived. {n} shows it to the owner next week.
    Rental instead of purchase|{n} asks for a monthly rate including maintenance, over 36 months.
    Second site|They open a second site in spring and want the same machines there.
    Price list|Asked for the current price list and the terms for four machines or more.
    Decision moved|The decision on {p} has moved to the next quarter; budget is approved, the fit-out is late.
    Comparison with another maker|{n} compares us with a cheaper machine. What counts for them is how quickly somebody comes.`),
  de: lines(`Angebot für zwei {p}|Bitte senden Sie uns ein Angebot über zwei {p}, Lieferung bis Ende nächsten Monats.
    Frage zu {p}|Bei uns sind es rund 120 Tassen am Tag. Reicht {p} dafür, oder raten Sie zur größeren Maschine?
    Termin im Vorführraum|{n} möchte {p} mit den eigenen Bohnen probieren, am liebsten Donnerstagnachmittag.
    Rückruf zum Angebot|Angebot liegt vor, {n} bespricht es nächste Woche mit der Geschäftsführung.
    Miete statt Kauf|{n} fragt nach einer Monatsrate mit Wartung über 36 Monate.
    Zweites Haus|Im Frühjahr kommt ein zweites Haus dazu, dort sollen dieselben Maschinen stehen.
    Preisliste|Bittet um die aktuelle Preisliste und die Konditionen ab vier Maschinen.
    Vergleich mit dem Wettbewerb|{n} hat ein günstigeres Angebot. Entscheidend ist, wie schnell der Service kommt.`),
  fr: lines(`Devis pour deux {p}|Pourriez-vous nous adresser un devis pour deux {p}, livraison avant la fin du mois prochain ?
    Question sur {p}|Nous servons environ 120 cafés par jour. {p} suffit-elle, ou faut-il voir plus grand ?
    Essai au show-room|{n} aimerait essayer {p} avec son propre café, de préférence jeudi après-midi.
    Suite à notre offre|Offre bien reçue, {n} la présente à la direction la semaine prochaine.
    Location|{n} demande un loyer mensuel entretien compris sur 36 mois.`),
  es: lines(`Presupuesto para dos {p}|¿Pueden enviarnos un presupuesto de dos {p} con entrega antes de fin del mes que viene?
    Pregunta sobre {p}|Servimos unos 120 cafés al día. ¿Es suficiente {p} o conviene la grande?
    Visita a la exposición|{n} quiere probar {p} con su propio café, mejor el jueves por la tarde.
    Seguimiento de la oferta|La oferta ha llegado; {n} la verá con la dirección la próxima semana.`),
  it: lines(`Preventivo per due {p}|Potete inviarci un preventivo per due {p} con consegna entro la fine del mese prossimo?
    Domanda su {p}|Facciamo circa 120 caffè al giorno. {p} basta o conviene la più grande?
    Seguito all’offerta|Offerta ricevuta; {n} la discute con la direzione la prossima settimana.`),
  ja: lines(`{p}2台の見積もり|{p}を2台、来月末までの納品でお見積もりをお願いいたします。
    {p}についてのご質問|一日およそ120杯です。{p}で足りますでしょうか。
    ショールーム見学|{n}様が{p}の試飲をご希望です。木曜の午後が都合よいとのことです。`),
};

export const SERVICE: Record<string, readonly string[]> = {
  en: lines(`When will the technician come?|The machine has been out of use since this morning. When can somebody be here?
    Descaling|Which descaler may we use, and how often with our water?
    Milk system|The milk foam has been thin since the weekend. We cleaned everything as the manual says.
    Thank you for the quick help|The technician was here after two hours and everything runs again. Thank you.
    Where is our delivery?|Our order was announced for yesterday. Could you tell us where it is?
    Change of address|We have moved; from the first of the month please deliver to the new house.
    Training for new staff|Two new colleagues begin on Monday. Could you show them the machine once more?`),
  de: lines(`Wann kommt der Techniker?|Die Maschine steht seit heute früh. Wann kann jemand hier sein?
    Entkalken|Welchen Entkalker dürfen wir nehmen, und wie oft bei unserem Wasser?
    Milchsystem|Der Milchschaum ist seit dem Wochenende dünn. Gereinigt ist alles nach Anleitung.
    Danke für die schnelle Hilfe|Der Techniker war nach zwei Stunden da, alles läuft wieder. Danke!
    Lieferung bleibt aus|Unsere Bestellung war für gestern angekündigt. Wo ist sie gerade?
    Neue Anschrift|Wir sind umgezogen, bitte ab dem Ersten an die neue Adresse liefern.
    Einweisung|Am Montag fangen zwei neue Kolleginnen an. Könnten Sie die Maschine noch einmal zeigen?`),
  fr: lines(`Quand passe le technicien ?|La machine est à l’arrêt depuis ce matin. Quand quelqu’un peut-il venir ?
    Détartrage|Quel détartrant pouvons-nous utiliser, et à quelle fréquence avec notre eau ?
    Merci pour votre aide rapide|Le technicien est venu en deux heures, tout fonctionne de nouveau. Merci.
    Livraison en retard|Notre commande était annoncée pour hier. Où se trouve-t-elle ?`),
  es: lines(`¿Cuándo viene el técnico?|La máquina no funciona desde esta mañana. ¿Cuándo puede venir alguien?
    Entrega retrasada|Nuestro pedido estaba anunciado para ayer. ¿Dónde está?
    Gracias por la ayuda|El técnico llegó en dos horas y todo vuelve a funcionar. Gracias.`),
  it: lines(`Quando arriva il tecnico?|La macchina è ferma da stamattina. Quando può venire qualcuno?
    Consegna in ritardo|Il nostro ordine era previsto per ieri. Dove si trova?`),
  ja: lines(`技術者の訪問時間|今朝から機械が止まっております。いつお越しいただけますか。
    ご対応ありがとうございました|二時間で直していただき、助かりました。`),
};

export const BILLING = lines(`Copy of an invoice|Please send us the last invoice again as PDF; it has not reached our accounts department.
    Purchase order number missing|Our accounts department needs our purchase order number on the invoice.
    Payment moved|{n} says the transfer leaves with the run on the 15th.
    Question about a reminder|We paid on time, the reminder must have crossed with our transfer.`);

/** Subject, description, solution, of the cases that come up in any year. */
export const CASES =
  lines(`{p} grinds too coarse|Since the last service the grind has been coarse whatever is set. Serial {s}.|Burrs were worn after 80,000 cups; replaced and adjusted on site.
    Display stays dark|{p} makes coffee, but the display stays dark after switching on.|Ribbon cable re-seated, display tested for an hour.
    Water tank leaks|A small puddle under {p} every morning.|Seal of the tank valve replaced.
    Milk foam too thin|Thin foam since Saturday, although all parts were cleaned as the manual says.|Air valve cleaned, staff shown the weekly cleaning.
    Machine reports error 14|{p} stops with error 14 after three or four cups.|Flow meter was scaled; descaled and the filter interval shortened to eight weeks.
    Delivery incomplete|The order came without the filter set.|Filter set sent the same day by express.
    Wrong address on the invoice|The last invoice carries our old address.|Address corrected, invoice issued again.
    Steam wand drips|The steam wand drips when it is closed.|Valve seat replaced under warranty.
    Noise while grinding|A loud knocking for some days whenever {p} grinds.|A small stone was in the hopper; removed, burrs unharmed.
    Coffee not hot enough|Guests say the coffee is lukewarm. We measured 71 degrees in the cup.|Thermostat set to 93 degrees, cups are now pre-warmed.
    Request for a loan machine|Our {p} will be in the workshop for a week. Is there a loan machine?|Loan machine delivered the next day and fetched again after the repair.
    Beans delivered twice|This month’s beans came twice.|Second delivery credited; the standing order had been entered two times.
    Filter light does not go out|The filter was changed, but the light stays on.|Reset by telephone: hold both keys for five seconds.
    Programming of drinks|We would like a second, smaller cappuccino on the display.|Drink added by telephone together with the customer.`);

/** The bad batch: seals of a supplier that swelled in hot water. */
export const BATCH_CASES =
  lines(`{p} loses water at the pump|Water runs out of the back of the machine when it brews. Serial {s}.|Pump seal of the bad batch replaced (bulletin 7), one month of care free.
    {p} trips the fuse|The fuse goes when the pump starts; there is water inside. Serial {s}.|Pump and wiring replaced under warranty after water damage; seal of the new make fitted.
    Pressure drops while brewing|Espresso runs thin, the gauge falls to 4 bar. Serial {s}.|Swollen pump seal replaced (bulletin 7).
    Leak under the counter, again|This is the second time in three weeks. The counter is damaged now. Serial {s}.|Machine exchanged for a new one, damage to the counter paid.
    Machine stands still since Monday|No coffee for the guests since Monday, and the hotline only says that parts are on their way. Serial {s}.|Loan machine within a day, seal replaced when the parts had come.`);

export const BATCH_CALLS =
  lines(`Angry call about the leaking {p}|{n} is upset: second visit, same leak. Wants to know today what happens now.
    Where are the spare parts?|{n} asks for the third time when the seals arrive. Promised a call tomorrow noon.
    Machine leaks|Water at the pump. Took the serial number {s} and explained how to shut the valve.
    Asks for money back|{n} wants to return the machine. Offered an exchange and a free year of care.`);

export const BATCH_MENDED = lines(`Apology and a new seal|Called after the repair. {n} says the exchange was quick and the tone good.
    Visit after the repair|Went there in person with a box of beans. They stay with us.
    Letter about the batch|Told them openly what was wrong with the seals, which serial numbers it concerns, and what we do.`);

export const LAUNCH =
  lines(`Introducing Ardea Go|The small one for offices of up to twenty people: no plumbing, one square foot, the same espresso.
    Ardea Go: now in stock|Deliveries begin this week. The first hundred come with two kilos of beans.`);

export const NOTES = lines(`How they decide|{n} prepares, the owner signs. Nothing happens in the two weeks before Christmas.
    Kitchen layout|Counter is 60 cm deep, water and drain on the left. Measured during the visit.
    Likes to be called in the morning|Between nine and ten, before the first deliveries. Never on Mondays.
    Competition|A salesman of another maker was there last week; price about 12 % below ours, service within three days.
    Expansion|They look for a second site near the station; the lease is not signed yet.
    Payment|Pays with the run on the 15th, always in full. Reminders before that only annoy.
    Taste|They use a dark Italian roast; set the grinder finer than usual when delivering.
    Family firm|The daughter takes over at the end of next year and wants everything digital.
    Complaint settled|Talked it through on site. Settled with two kilos of beans and an honest word.
    Sustainability|Asked for the repair rate and for how long spare parts are kept. Sent our sheet: fifteen years.
    Reference|Agrees to be named as a reference; pictures of the bar may be used with their name.
    Access|Deliveries through the yard, gate closes at four. Ring at the kitchen.
    Seasonal business|Closed from January to the middle of February; best time for the yearly service.
    Contract terms|Wants thirty days and one invoice a month for all sites.`);

/** What is known about people and firms, and what kind of knowledge that is. */
export const FACTS = lines(`Prefers to be called before ten|habit
    Wants offers on one page|preference
    Oat milk must foam as well as cow's milk|need
    The accountant decides about everything above 5,000|politics
    Anniversary of the house in May|occasion
    Drinks ristretto, two sugars|preference
    Thinks aloud about giving up the bar|risk
    Never open on Mondays|habit
    Brother runs a café in the same street|other
    Needs the drain on the left|need`);

export const PROMISES = lines(`Send the new price list
    Call back about the loan machine
    Send the certificate for the drinking water
    Name a date for the yearly service
    Get {n} a reference in the same trade
    Send the drawing of the counter cut-out
    Clarify whether the old machine is taken back`);
export const TODOS = lines(`Prepare the offer for the second site
    Ask how the trial went
    Agree on the yearly review
    Check the open invoice with accounts
    Renewal of the care plan
    Invite to the tasting evening
    Visit with the technician
    Write the summary of the meeting
    Offer a larger grinder`);
export const LOST_REASONS = lines(`Price
    No budget this year
    Bought a used machine
    Decided for another maker
    Service too slow
    Project stopped
    No answer any more`);
export const NEXT_STEPS = lines(`Call {n} on Tuesday
    Send the revised offer
    Tasting with the staff
    Wait for the approval of the budget
    Measure the counter
    Draft of the contract`);
export const JOBS = lines(`Owner
    Head of purchasing
    Managing director
    Food and beverage manager
    Office manager
    Facility manager
    Head barista
    Accountant
    Technical manager
    Assistant to the management`);

export const COMPETITORS: readonly { name: string; strengths: string; weaknesses: string; ourAnswer: string }[] = [
  {
    name: 'Brandt Kaffeetechnik',
    strengths: 'Repairs within 24 hours, everywhere.',
    weaknesses: 'Dear spare parts, old machines.',
    ourAnswer: 'Show the cost over five years, parts included.',
  },
  {
    name: 'Caffè Lodovico',
    strengths: 'Looks, and a name that guests know.',
    weaknesses: 'Three weeks until somebody comes.',
    ourAnswer: 'Offer Tarn Care from the first day.',
  },
  {
    name: 'Office Brew',
    strengths: 'Cheap to rent, no deposit.',
    weaknesses: 'Capsules only.',
    ourAnswer: 'Let them taste both.',
  },
];
