import anyAscii from 'any-ascii';
import { fold } from '#kit/fold.ts';
import { readHan } from './han.ts';

/** How names are brought into a form in which the same name written twice is the same text, whatever the script. */

/** Letters that are written in two ways by custom, not by mistake: Müller and Mueller, Kjær and Kjaer, Håkon and Haakon. */
const DIGRAPHS: readonly (readonly [RegExp, string])[] = [
  [/ae/g, 'a'],
  [/oe/g, 'o'],
  [/ue/g, 'u'],
  [/aa/g, 'a'],
  [/ph/g, 'f'],
  [/th/g, 't'],
  [/x/g, 'ks'],
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of Latin is meant
const LATIN = /^[\x00-\u024f\u1e00-\u1eff]*$/;

/** Whether a text is written in Latin letters alone. */
export const isLatin = (text: string): boolean => LATIN.test(text);

/** Words of a name in lower-case ASCII, romanised where they are not Latin. */
export function nameWords(text: string): string[] {
  return fold(isLatin(text) ? fold(text) : anyAscii(readHan(text)))
    .replace(/['’`´]/g, '')
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
}

/** One form for the customary ways to write a name: müller, mueller → muler. Letters said twice count once. */
export function plainName(word: string): string {
  let plain = word;
  for (const [from, to] of DIGRAPHS) plain = plain.replace(from, to);
  return plain.replace(/(.)\1+/g, '$1');
}

/** The consonants of a romanised name by their kin: what is left of it where a script writes no vowels, or others do it otherwise. */
export const skeleton = (word: string): string =>
  word
    .replace(/[aeiouywh']/g, '')
    .replace(/[cq]/g, 'k')
    .replace(/z/g, 's')
    .replace(/f/g, 'p')
    .replace(/v/g, 'b')
    .replace(/(.)\1+/g, '$1');

/** Short forms and pet names that stand for the same given name; each line a family of them. */
const NICKNAMES = `
albert al bert albrecht|alexander alex alec sandy sascha sasha alejandro aleksandr alessandro iskander|alexandra alexa sandra sasha aleksandra
alfred alf fred freddy|andrew andy drew andreas andre andrei andrej andres andrea|angela angie angelika|anna ann anne annie anja anya ana hanna hannah
anthony tony anton antonio antoine toni|arthur art artur arturo|barbara barb babs bärbel|benjamin ben benny benno|bernard bernie bernhard bernd
caroline carol carrie karoline|catherine kate katie cathy kathy katherine kathryn katharina katrin katja katya catalina ekaterina yekaterina kitty
charles charlie chuck karl carl carlos carlo charly|christian chris christiaan|christine chris christina tina christa kristina kirsten
christopher chris kit christoph christof kristof cristobal|daniel dan danny daniele|david dave davey|deborah deb debbie debra|dennis denis denny
dorothy dot dottie dorothea dora|edward ed eddie ted teddy ned eduard eduardo edoardo|elizabeth liz lizzie beth betty eliza lisa elisabeth elisa elsa bettina liesel isabel elisaveta
emily em emilie emilia|eric erik erich|ernest ernie ernst ernesto|eugene gene yevgeny evgeny eugen|florian flo|frances fran fanny franziska francisca francesca
francis frank frankie franz francisco paco pancho francesco francois|frederick fred freddie friedrich fritz federico fridrich|gabriel gabe|gabriele gabi gabriela
george georg jorge jürgen jörg giorgio georgy yuri joris|gerald gerry jerry gerhard gerd gert|gregory greg gregor|hans johann johannes john jack johnny juan giovanni ivan ian jan jean jens sean johan hannes vanya evan yahya
harold harry hal harald|helen nell nellie helena helene elena yelena lena|henry harry hank heinrich heinz enrique enrico hendrik heiner henri
hermann armand|isaac ike|jacob jake jakob jakub|james jim jimmy jamie jaime diego santiago|jane jenny janet jana|jennifer jen jenny jenna
jeffrey jeff geoff geoffrey|jessica jess jessie|joachim jochen achim|joan joanna johanna joanne|joseph joe joey josef jose pepe giuseppe sepp yusuf osip|joshua josh
judith judy|julia julie juliana yulia|kenneth ken kenny|lawrence larry laurence lorenz lorenzo laurent|leonard leo len leonhard leonardo|louis lou louie ludwig luis luigi lewis
lucas luke lukas luca|margaret maggie meg peggy marge margarete greta gretchen rita margarita margot marguerite|maria mary marie mia mariya marija miriam
mark marc marcus markus marco marcos|martha marta|martin marty martino|matthew matt mathew matthias mathias mateo matteo matvei matthieu|maximilian max maxim maksim
michael mike mick mickey michel miguel michele mikhail mischa misha mikael|nathan nate nathaniel|nicholas nick nicolas nico nikolaus klaus nikolai niklas claus nikolay nicola
oliver ollie olli|pamela pam|patricia pat patty trish tricia|patrick pat paddy patricio|paul pablo paolo pavel|peter pete pedro piotr pietro petr pyotr pierre
philip phil philipp felipe filippo|rachel rach raquel|raymond ray ramon|rebecca becky becca|richard rick ricky dick rich ricardo riccardo|robert rob bob bobby robbie bert roberto rupert
ronald ron ronnie|rudolf rudi rolf|russell russ|samantha sam|samuel sam sammy|sarah sara sally|sebastian seb basti bastian|sergei sergey sergio serge
sophie sofia sophia sofie|stephen steve steven stephan stefan esteban stefano stepan etienne|stephanie steph stefanie|susan sue susie suzanne susanne susanna
terence terry|theodore ted theo theodor fyodor fedor|theresa terry tess teresa therese resi|thomas tom tommy tomas tommaso|timothy tim timo|tobias toby tobi
ulrich uli|ursula uschi ulla|valentina valya|victor vic viktor vittorio|victoria vicky viktoria|vincent vince vinzenz vicente|vladimir vova volodya|walter walt wally
wilhelm william will bill billy willy willi liam guillermo guillaume guglielmo wim|wolfgang wolf|zachary zach zack`;

const FAMILIES = new Map<string, Set<number>>();
NICKNAMES.split(/[|\n]/).forEach((line, family) => {
  for (const name of line.trim().split(/\s+/).filter(Boolean)) {
    const key = plainName(fold(name));
    FAMILIES.set(key, (FAMILIES.get(key) ?? new Set<number>()).add(family));
  }
});

/** The families of given names, in their plain form, that one belongs to: numbers that short and foreign forms share. */
export const nicknameFamilies = (name: string): ReadonlySet<number> => FAMILIES.get(name) ?? NONE;
const NONE: ReadonlySet<number> = new Set();

/** Whether two given names, in their plain form, may be the same person's: one a short or foreign form of the other. */
export function isNickname(a: string, b: string): boolean {
  const theirs = nicknameFamilies(b);
  for (const family of nicknameFamilies(a)) if (theirs.has(family)) return true;
  return false;
}

/** Legal forms, and words that say no more than that it is an enterprise. */
const LEGAL = new Set(
  `ab ag aktiengesellschaft as asa aps bv bvba co company corp corporation cv doo dooel eg eirl ek eood ev gbr gmbh ggmbh gesmbh mbh gesellschaft mit beschrankter haftung gie group gruppe
  holding holdings inc incorporated international intl jsc kabushiki kaisha kft kg kgaa kk lda limited limitada llc llp lp ltd ltda nv nyrt oao ood ooo oy oyj ohg ou pao pbc plc pte pty pvt private
  sa sab sae sal sapi sarl sas sasu sca scs se sl slu snc sociedad societe societa spa spj spk spzoo sro srl stichting tov ug vof yk yuhan hoesa zao zrt and und et y e the der die das de of`
    .split(/\s+/)
    .filter(Boolean),
);
/** Legal forms of scripts that are written without spaces; they stand beside the name or within it. */
const LEGAL_SIGNS = /株式会社|有限会社|合同会社|（株）|\(株\)|有限责任公司|有限責任公司|有限公司|股份|集团|集團|주식회사|\(주\)/g;

/** The words of an enterprise's name that tell it from others; all words where nothing else is left. */
export function companyWords(text: string): string[] {
  // s. r. o., S.A.: letters with a full stop each are one word.
  const joined = text.replace(LEGAL_SIGNS, ' ').replace(/(?<!\p{L})(\p{L})\.\s?(?=\p{L}(?!\p{L}))/gu, '$1');
  const words = nameWords(joined);
  const core = words.filter((word) => !LEGAL.has(word));
  return core.length > 0 ? core : words;
}
