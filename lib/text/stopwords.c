/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stop words by language: articles, pronouns, prepositions, conjunctions, auxiliary verbs, question words, and the words that
 * wordy questions are made of. They only ever lose their weight beside other words of a query, so the lists are generous; but no
 * word is here that someone could search for by itself as the thing that is meant. Contractions stand as the tokeniser gives
 * them joined (don't as dont) and, where they are no words, in parts (ll, ve). "us" is missing on purpose: it is a country.
 */
#include <string.h>

#include "text/stopwords.h"

static const char english[] =
    /* articles, pronouns, possessives */
    "a an the i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it "
    "its itself they them their theirs themselves one ones oneself this that these those there here thereof therein thereby "
    "therefrom herein hereby somebody someone something somewhere anybody anyone anything anywhere everybody everyone everything "
    "everywhere nobody nothing nowhere none whoever whomever whatever whichever "
    /* question words */
    "who whom whose what which when where why how whether whence whereby wherein whereas wherever whenever however "
    /* auxiliaries */
    "am is are was were be been being do does did done doing have has had having can could shall should will would may might "
    "must ought cannot need needs needed let lets get gets got getting gotten become becomes became becoming make makes made "
    "making seem seems seemed seeming go goes going gone went come comes came coming take takes took taken taking put puts keep "
    "keeps kept say says said saying "
    /* contractions */
    "dont doesnt didnt isnt arent wasnt werent hasnt havent hadnt cant couldnt shouldnt wont wouldnt mustnt neednt aint im ive "
    "youre youve youll youd hes shes theyre theyve theyll theyd weve whats whos wheres hows thats theres heres itll ll ve re "
    /* prepositions */
    "about above across after against along alongside amid among amongst around as at atop before behind below beneath beside "
    "besides between beyond by concerning despite down due during except excluding following for from given in including inside "
    "into involving like near of off on onto opposite out outside over owing per plus regarding respecting since than through "
    "throughout till to toward towards under underneath unlike until unto up upon versus via with within without according "
    /* conjunctions */
    "and or nor but if then else so because although though unless while whilst yet either neither both also too not no "
    "therefore thus hence otherwise moreover furthermore nevertheless nonetheless instead meanwhile accordingly consequently "
    "lest provided "
    /* adverbs of degree, time and manner that carry no subject */
    "very quite rather almost nearly just only even still already always never ever often sometimes sometime seldom usually "
    "generally mostly mainly merely hardly barely really simply actually certainly probably perhaps maybe possibly indeed again "
    "once twice now soon later ago together away forth ahead far further furthest fully partly especially particularly "
    "specifically namely similarly respectively relatively apparently obviously clearly currently recently presently formerly "
    "previously subsequently eventually finally afterwards beforehand thereafter thereupon whereupon hereafter somehow somewhat "
    "anyhow anyway likewise largely highly greatly easily readily commonly normally typically "
    /* quantities and kinds */
    "all any each every few fewer fewest many more most much less least several some such other others another same own enough "
    "various certain different similar particular specific overall entire respective possible suitable appropriate relevant "
    "related relating available useful able unable likely unlikely kind kinds manner extent variety "
    /* what questions ask with */
    "please want wants wanted wish tell know known knows give gives giving gave describe describes described describing "
    "concerned dealing dealt use uses used using utilize utilized utilizing interested obtain obtained obtaining involve "
    "involves involved relate relates regard regards look looking looked seek seeking ask asking asked happen happens happened "
    "happening meant include includes included provide provides providing etc eg ie ";

static const char german[] =
    "der die das den dem des ein eine einer eines einem einen kein keine keiner keines keinem keinen ich du er sie es wir ihr "
    "mich dich sich uns euch mir dir ihm ihn ihnen mein meine meiner meines meinem meinen dein deine deiner deines deinem deinen "
    "sein seine seiner seines seinem seinen ihre ihrer ihres ihrem ihren unser unsere unserer unseres unserem unseren euer eure "
    "eurer eures eurem euren man selbst selber dieser diese dieses diesem diesen jener jene jenes jenem jenen derjenige "
    "diejenige dasjenige derselbe dieselbe dasselbe deren dessen denen jemand niemand etwas nichts alles alle aller allem allen "
    "jeder jede jedes jedem jeden mancher manche manches manchem manchen solcher solche solches solchem solchen beide beiden "
    "beider einige einiger einigen einigem einiges mehrere mehrerer mehreren viel viele vieler vielen wenig wenige weniger "
    "wenigen andere anderer anderes anderem anderen sämtliche verschiedene verschiedener verschiedenen gewisse gewisser gewissen "
    "wer wen wem wessen was welcher welche welches welchem welchen wann wo woher wohin wie warum weshalb weswegen wieso wieviel "
    "wodurch wofür womit wonach woran worauf woraus worin worüber wovon wozu bin bist ist sind seid war warst waren wart gewesen "
    "wäre wären habe hast hat haben habt hatte hattest hatten hattet gehabt hätte hätten werde wirst wird werden werdet wurde "
    "wurdest wurden worden geworden würde würden kann kannst können könnt konnte konnten könnte könnten muss müssen musste "
    "mussten müsste müssten soll sollen sollte sollten will wollen wollte wollten darf dürfen durfte durften dürfte dürften mag "
    "mögen mochte möchte möchten lassen lässt ließ tun tut getan macht machen gibt geben gab ab an am auf aus außer außerhalb "
    "bei beim bis durch entlang für gegen gegenüber gemäß hinter im in ins innerhalb mit nach neben ohne seit statt anstatt "
    "trotz über um unter von vom vor während wegen zu zum zur zwischen bezüglich betreffend hinsichtlich und oder aber denn "
    "sondern doch weder noch sowohl als ob dass daß weil da damit obwohl obgleich wenn falls sofern soweit sobald solange indem "
    "nachdem bevor ehe sodass je desto umso bzw usw etc nicht auch nur schon immer wieder sehr mehr meist meisten mal nun jetzt "
    "dann dort hier her hin so ganz gar etwa fast kaum eher sogar zwar jedoch dennoch trotzdem deshalb deswegen daher darum also "
    "ebenso ebenfalls sonst bereits einmal oft manchmal nie niemals wohl vielleicht eigentlich besonders insbesondere dabei "
    "dadurch dafür dagegen daran darauf daraus darin darüber davon davor dazu dazwischen hierbei hierfür hiermit hierzu ja nein "
    "bitte gern ";

static const char french[] =
    "le la les un une des du de au aux l d ce cet cette ces c ça cela ceci celui celle ceux celles je j me m moi tu te t toi il "
    "elle on se s soi nous vous ils elles eux lui leur leurs y en mon ma mes ton ta tes son sa ses notre nos votre vos mien "
    "mienne miens miennes tien tienne tiens tiennes sien sienne siens siennes même mêmes qui que qu quoi dont où quel quelle "
    "quels quelles lequel laquelle lesquels lesquelles auquel auxquels auxquelles duquel desquels desquelles quand comment "
    "pourquoi combien quelque quelques quelqu quelconque quiconque chaque chacun chacune aucun aucune nul nulle tout toute tous "
    "toutes tel telle tels telles certain certaine certains certaines plusieurs divers diverses différents différentes autre "
    "autres autrui rien personne suis es est sommes êtes sont étais était étions étiez étaient serai seras sera serons serez "
    "seront serais serait serions seriez seraient sois soit soyons soyez soient fus fut fûmes furent étant ai as a avons avez "
    "ont avais avait avions aviez avaient aurai auras aura aurons aurez auront aurais aurait aurions auriez auraient aie aies "
    "ait ayons ayez aient eus eut eurent eu ayant peux peut pouvons pouvez peuvent pouvait pouvaient pourra pourront pourrait "
    "pourraient pu dois doit devons devez doivent devait devaient devra devront devrait devraient veux veut voulons voulez "
    "veulent fais fait faisons faites font faisait faire faut vais va vas allons allez vont être avoir à dans par pour sur sous "
    "avec sans entre vers chez contre depuis pendant durant avant après devant derrière dès jusque jusqu malgré parmi selon sauf "
    "outre envers hors voici voilà lors concernant afin et ou ni mais or car donc si comme lorsque lorsqu puisque puisqu quoique "
    "quoiqu parce tandis ainsi alors aussi ne n pas plus moins point très trop peu beaucoup assez bien mal encore déjà toujours "
    "jamais souvent parfois ici là ailleurs maintenant aujourd hui aujourdhui hier demain ensuite puis enfin cependant pourtant "
    "toutefois néanmoins notamment environ presque plutôt surtout seulement tant tellement autant oui non etc ";

static const char spanish[] =
    "el la lo los las un una unos unas al del yo me mí mi mis mío mía míos mías tú te ti tu tus tuyo tuya tuyos tuyas él ella "
    "ello ellos ellas le les se sí su sus suyo suya suyos suyas nosotros nosotras nos nuestro nuestra nuestros nuestras vosotros "
    "vosotras os vuestro vuestra vuestros vuestras usted ustedes conmigo contigo consigo este esta esto estos estas ese esa eso "
    "esos esas aquel aquella aquello aquellos aquellas mismo misma mismos mismas alguien algo nadie nada alguno alguna algunos "
    "algunas algún ninguno ninguna ningún cada todo toda todos todas otro otra otros otras mucho mucha muchos muchas poco poca "
    "pocos pocas tanto tanta tantos tantas varios varias demás cualquier cualquiera ambos ambas cierto cierta ciertos ciertas "
    "tal tales diversos diversas distintos distintas diferentes que qué quien quién quienes quiénes cual cuál cuales cuáles cuyo "
    "cuya cuyos cuyas cuando cuándo donde dónde adonde como cómo cuanto cuánto cuanta cuánta cuantos cuántos cuantas cuántas soy "
    "eres es somos sois son era eras éramos eran fui fuiste fue fuimos fueron será serán sería serían sea sean fuera fueran "
    "siendo sido ser estoy estás está estamos están estaba estaban estuvo estuvieron estará estarán esté estén estando estado "
    "estar he has ha hemos han había habían hubo habrá habrán habría habrían haya hayan hubiera hubieran habiendo habido haber "
    "hay tengo tiene tenemos tienen tenía tenían tuvo tuvieron tendrá tendría tenga tengan teniendo tenido tener puede pueden "
    "podía podían pudo podrá podrán podría podrían pueda puedan poder debe deben debía debían debería deberían hace hacen hacía "
    "hizo hacer va van iba iban ir a ante bajo con contra de desde durante en entre hacia hasta mediante para por según sin "
    "sobre tras acerca respecto y e o u ni pero mas sino si porque pues aunque mientras conforme así además también tampoco no "
    "muy más menos ya aún aun todavía siempre nunca jamás aquí ahí allí allá ahora hoy ayer mañana antes después luego entonces "
    "casi sólo solo solamente bien mal tan quizás quizá cerca lejos dentro arriba abajo embargo etc ";

static const char italian[] =
    "il lo la i gli le l un uno una del dello della dei degli delle dell al allo alla ai agli alle all dal dallo dalla dai dagli "
    "dalle dall nel nello nella nei negli nelle nell sul sullo sulla sui sugli sulle sull col coi io me mi tu te ti egli lui lei "
    "ella esso essa essi esse loro noi ci voi vi si sé se ne mio mia miei mie tuo tua tuoi tue suo sua suoi sue nostro nostra "
    "nostri nostre vostro vostra vostri vostre questo questa questi queste quest quello quella quelli quelle quel quell quei "
    "quegli ciò stesso stessa stessi stesse altro altra altri altre qualche qualcuno qualcosa alcuno alcuna alcuni alcune "
    "nessuno nessuna nessun niente nulla ogni ognuno ciascuno ciascuna tutto tutta tutti tutte molto molta molti molte poco poca "
    "pochi poche tanto tanta tanti tante vari varie diversi diverse certo certa certi certe tale tali entrambi entrambe che chi "
    "cui quale quali quanto quanta quanti quante quando dove come perché cosa sono sei è siamo siete ero eri era eravamo eravate "
    "erano fui fu furono sarò sarà saremo saranno sarei sarebbe sarebbero sia siano fosse fossero essendo stato stata stati "
    "state essere ho hai ha abbiamo avete hanno avevo avevi aveva avevano ebbe ebbero avrà avranno avrebbe avrebbero abbia "
    "abbiano avesse avessero avendo avuto avere può possono poteva potevano potrà potranno potrebbe potrebbero deve devono "
    "doveva dovrà dovrebbe dovrebbero vuole vogliono fa fanno faceva fare fatto va vanno sta stanno viene vengono a ad di da in "
    "con su per tra fra contro dopo prima durante entro fino fuori dentro lungo mediante oltre presso secondo senza sopra sotto "
    "verso circa riguardo e ed o od oppure ma però anche pure né mentre poiché affinché benché sebbene quindi dunque perciò "
    "allora cioè infatti inoltre non più meno già ancora sempre mai qui qua lì là ora oggi ieri domani poi così troppo quasi "
    "solo soltanto bene male forse tuttavia invece ecc ";

static const char portuguese[] =
    "o a os as um uma uns umas do da dos das no na nos nas ao à aos às pelo pela pelos pelas dum duma num numa nuns numas eu me "
    "mim comigo tu te ti contigo ele ela eles elas se si consigo lhe lhes nós conosco vós vos você vocês meu minha meus minhas "
    "teu tua teus tuas seu sua seus suas nosso nossa nossos nossas vosso vossa vossos vossas dele dela deles delas este esta "
    "estes estas isto esse essa esses essas isso aquele aquela aqueles aquelas aquilo deste desta destes destas disto desse "
    "dessa desses dessas disso daquele daquela daqueles daquelas neste nesta nestes nestas nisto nesse nessa nesses nessas nisso "
    "naquele naquela mesmo mesma mesmos mesmas próprio própria próprios próprias outro outra outros outras alguém algo ninguém "
    "nada algum alguma alguns algumas nenhum nenhuma cada tudo todo toda todos todas muito muita muitos muitas pouco pouca "
    "poucos poucas tanto tanta tantos tantas vários várias diversos diversas certo certa certos certas tal tais ambos ambas "
    "qualquer quaisquer demais que quê quem qual quais cujo cuja cujos cujas quando onde como porque quanto quanta quantos "
    "quantas sou és é somos são era eras éramos eram fui foi fomos foram será serão seria seriam seja sejam fosse fossem sendo "
    "sido ser estou está estamos estão estava estavam esteve estiveram estará esteja estejam estando estado estar tenho tens tem "
    "temos têm tinha tinham teve tiveram terá terão teria teriam tenha tenham tendo tido ter hei há havia houve haver haja pode "
    "podem podia podiam pôde poderá poderão poderia poderiam possa possam deve devem devia deveria deveriam faz fazem fazia fez "
    "fazer vai vão ia iam ir de em por para com sem sob sobre ante até após contra desde durante entre perante segundo conforme "
    "mediante acerca e ou nem mas porém contudo todavia entretanto embora enquanto pois portanto logo assim também além não mais "
    "menos já ainda sempre nunca jamais aqui aí ali lá agora hoje ontem amanhã antes depois então quase só somente apenas bem "
    "mal tão talvez etc ";

static const char dutch[] =
    "de het een der den des ik mij me mijn jij je jou jouw u uw hij hem zijn zij ze haar wij we ons onze jullie hun hen zich "
    "zelf zelfs deze dit die dat degene iemand niemand iets niets alles alle al elk elke ieder iedere iedereen ander andere "
    "anderen sommige enkele enige verschillende diverse bepaalde veel vele meer meest meeste weinig minder minst beide zulk "
    "zulke wie wat welk welke waar waarom wanneer hoe hoeveel waardoor waarbij waarin waarmee waarop waarvan waarvoor ben bent "
    "is was waren geweest heb hebt heeft hebben had hadden gehad word wordt worden werd werden geworden zal zult zullen zou "
    "zouden kan kunt kunnen kon konden mag mogen mocht mochten moet moeten moest moesten wil wilt willen wilde wilden doe doet "
    "doen deed deden gedaan ga gaat gaan ging gingen laat laten aan achter af behalve beneden bij binnen boven buiten door "
    "gedurende in langs met na naar naast om omtrent onder op over per rond sinds tegen tegenover tijdens tot tussen uit van "
    "vanaf vanuit via volgens voor wegens zonder betreffende en of maar want dus noch als dan toen omdat doordat hoewel indien "
    "mits terwijl zodat zodra tenzij nadat voordat niet geen wel ook nog reeds nu er hier daar daarom daarbij daardoor daarin "
    "daarmee daarna daarop daarvan daarvoor hierbij hierdoor hiermee hiervan hiervoor te ten ter toch zo zoals zeer heel erg "
    "altijd nooit ooit vaak soms weer alleen slechts ongeveer bijna echter ja nee enz ";

static const char swedish[] =
    "en ett den det de dem jag mig min mitt mina du dig din ditt dina han honom hans hon henne hennes vi oss vår vårt våra ni er "
    "ert era dess deras sig sin sitt sina man själv själva denna detta dessa någon något några ingen inget inga allt alla all "
    "varje annan annat andra många mycket mer mera mest fler flera flesta få färre lite litet olika vissa viss sådan sådant "
    "sådana båda samma egen eget egna vem vad vilken vilket vilka vars när var varför hur vart är vara varit blir blev bli "
    "blivit har hade ha haft kan kunde kunna ska skall skulle vill ville vilja får fick måste bör borde gör gjorde göra gjort "
    "går gick gå av bakom bland efter enligt framför från för före genom hos i inom innan inför kring med mellan mot om omkring "
    "på runt sedan sen till trots under utan utanför ut upp ned ner vid via över angående och eller men att som samt så därför "
    "eftersom medan fast än både antingen varken inte ej icke också även redan ännu nu då där här aldrig alltid ofta ibland bara "
    "endast ganska nästan kanske ju väl just igen åter därmed därefter dock sådär ja nej osv ";

static const char norwegian[] =
    "en et ei den det de dem jeg meg min mitt mine mi du deg din ditt dine di han ham hans hun henne hennes vi oss vår vårt våre "
    "dere deres seg sin sitt sine si man selv denne dette disse noen noe ingen intet alt alle all hver hvert annen annet andre "
    "mange mye mer mest flere fleste få færre litt lite ulike visse slik slikt slike begge samme egen eget egne eg ho dei ikkje "
    "ein eit me dykk dykkar hjå deira nokon noko nokre hvem hva hvilken hvilket hvilke hvis når hvor hvorfor hvordan kven kva "
    "korleis kvifor er var være vært blir ble bli blitt har hadde ha hatt kan kunne skal skulle vil ville får fikk må måtte bør "
    "burde gjør gjorde gjøre gjort går gikk gå vere vore vart blei av bak blant etter for foran fra før gjennom hos i innen inn "
    "ifølge langs med mellom mot om omkring over på rundt siden til tross under uten utenfor ut opp ned ved via angående og "
    "eller men at som samt så derfor fordi mens enn da både enten verken ikke også allerede ennå enda nå der her aldri alltid "
    "ofte bare kun svært ganske nesten kanskje jo vel igjen dermed deretter likevel imidlertid ja nei osv ";

static const char danish[] =
    "en et den det de dem jeg mig min mit mine du dig din dit dine han ham hans hun hende hendes vi os vores vor vort vore i jer "
    "jeres deres sig sin sit sine man selv denne dette disse nogen noget nogle ingen intet alt alle al hver hvert anden andet "
    "andre mange meget mere mest flere fleste få færre lidt forskellige visse sådan sådant sådanne begge samme egen eget egne "
    "hvem hvad hvilken hvilket hvilke hvis hvornår når hvor hvorfor hvordan er var være været bliver blev blive blevet har havde "
    "have haft kan kunne skal skulle vil ville får fik må måtte bør burde gør gjorde gøre gjort går gik gå af bag blandt efter "
    "for foran fra før gennem hos inden ind ifølge langs med mellem mod om omkring over på rundt siden til trods under uden "
    "udenfor ud op ned ved via angående og eller men at som samt så derfor fordi mens end da både enten hverken ikke også "
    "allerede endnu nu der her aldrig altid ofte kun bare ganske næsten måske jo vel igen dermed derefter dog imidlertid ja nej "
    "osv ";

static const char finnish[] =
    "minä minun minua minut minulla minulle minusta sinä sinun sinua sinut sinulla sinulle hän hänen häntä hänet hänellä hänelle "
    "me meidän meitä meille meillä te teidän teitä teille he heidän heitä heille heillä se sen sitä siinä siitä siihen sillä "
    "sille siltä ne niiden niitä niissä niistä niihin niillä tämä tämän tätä tässä tästä tähän tällä tälle nämä näiden näitä "
    "näissä näistä tuo tuon tuota nuo noiden joku jokin jonkin jotain jotakin jotkut jokainen jokaisen kaikki kaikkien kaikkia "
    "kaikissa kukaan mikään mitään moni monet monia monta muu muut muita muiden muuta itse itsensä sama saman samat eräs eräät "
    "usea useat useita eri molemmat kuka ken kenen ketä ketkä mikä minkä mitä missä mistä mihin millä mille mitkä joka jonka "
    "jota jossa josta johon jolla jolle jotka joiden joita joissa joista joihin kumpi milloin koska miksi miten kuinka millainen "
    "olen olet on olemme olette ovat olin oli olimme olivat ollut olleet ole olisi olisivat olla oltu ollaan lienee ei en et "
    "emme ette eivät älä voi voivat voida voitiin voisi täytyy pitää pitäisi saa saavat tulee tulla ja tai vai eli sekä mutta "
    "vaan että jotta jos kun kuin vaikka siis niin näin nyt sitten siellä täällä tuolla jo vielä myös myöskin kuitenkin vain "
    "aina usein joskus koskaan hyvin melko lähes ehkä enemmän vähemmän eniten noin kanssa ilman ennen jälkeen aikana mukaan alla "
    "alle päällä yli ali kautta vastaan varten lisäksi välillä sisällä ulkopuolella koskien suhteen takia vuoksi kohti asti "
    "saakka kyllä jne ";

static const char russian[] =
    "я меня мне мной ты тебя тебе тобой он его ему им нем она ее её ей нею ней оно мы нас нам нами вы вас вам вами они их ими "
    "них ним ними себя себе собой мой моя мое моё мои моего моей моих моим твой твоя твое твои наш наша наше наши нашего нашей "
    "наших ваш ваша ваше ваши вашего вашей ваших свой своя свое своё свои своего своей своих своим своем сам сама само сами "
    "самого самой самый самая самое самые самых этот эта это эти этого этой этому этим этом эту этих этими тот та то те того той "
    "тому тем том ту тех теми такой такая такое такие такого таких таким весь вся всё все всего всей всех всем всеми всю каждый "
    "каждая каждое каждого каждой любой любая любое любые другой другая другое другие других иной иные некоторый некоторые "
    "некоторых многие многих много мало несколько различный различные различных разные разных никто ничто ничего никого оба обе "
    "кто кого кому кем ком что чего чему чем чём какой какая какое какие какого каких каким который которая которое которые "
    "которого которой которых которым которую чей чья чье чьи где куда откуда когда почему зачем как сколько насколько быть был "
    "была было были буду будешь будет будем будете будут есть нет бы мочь могу может можем могут мог могла могли можно нужно "
    "надо нельзя должен должна должно должны стал стала стало стали является являются имеет имеют в во на с со к ко у о об обо "
    "от ото до из изо за по под подо над перед передо при про через без безо для между среди около возле после против вместо "
    "кроме ради согласно вокруг внутри вне насчёт относительно касательно благодаря несмотря и а но да или либо если чтобы чтоб "
    "хотя потому поэтому так также тоже ни же ли не пока лишь только ведь вот уже ещё еще даже очень более менее больше меньше "
    "тут там здесь туда сюда теперь сейчас тогда потом затем всегда никогда иногда часто опять снова почти именно разве однако "
    "например причем притом причём итак ";

static const struct {
    const char *language, *words;
} lists[] = {
    {"danish", danish},   {"dutch", dutch},     {"english", english},     {"finnish", finnish}, {"french", french},
    {"german", german},   {"italian", italian}, {"norwegian", norwegian}, {"porter", english},  {"portuguese", portuguese},
    {"russian", russian}, {"spanish", spanish}, {"swedish", swedish},
};

const char *rf_stop_words(const char *language)
{
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (strcmp(lists[i].language, language) == 0)
            return lists[i].words;
    return NULL;
}
