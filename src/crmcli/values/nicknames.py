"""What people called by one given name are called as well: `bob` may be a `robert`.

Each line is one name in its forms, without accents and in lower case; a form may stand on several
lines (`alex` is Alexander and Alexandra).
"""

from __future__ import annotations

from functools import cache

_FORMS = """
abigail abby abbie gail
abraham abe bram
adelaide addie ada adele
agnes aggie nessie
albert al bert bertie albrecht alberto
alexander alex al alec sandy sasha xander alejandro alessandro aleksander alexandre
alexandra alex sandra sandy sasha lexi alexa alessandra
alfred alf alfie fred freddie alfredo
alice ali ally allie alicia alison
alison ali ally allie
amanda mandy amy
amelia amy millie emily
andrew andy drew andreas andre andrea andres andrei anders
angela angie angelika
ann anne anna annie anna nan nancy annette ana anita hannah
anthony tony anton antonio antoine
archibald archie
arthur art artie
barbara barb babs barbie
barnaby barney
bartholomew bart
beatrice bea trixie beatrix
benjamin ben benji benny
bernard bernie berndt bernd bernhard
bradley brad
brian bryan bryant
caroline carol carrie carolina karoline
catherine cathy kate katie kathy cat cathryn katherine kathryn katharina catarina katarina kay kit
charles charlie chuck chas carl karl carlos carlo chaz
charlotte charlie lottie lotte
christian chris kristian
christina chris tina christine chrissie kristina kristin christa
christopher chris kit kris topher christoph cristobal
clara claire clare clarissa
cornelius neil con
cynthia cindy
daniel dan danny dani
daniela dani danielle danny
david dave davey davy
deborah deb debbie debra
dennis den denny
dominic dom nick dominik domingo
donald don donnie
dorothy dot dottie dolly dorothea
douglas doug
edmund ed eddie ted
edward ed eddie ted teddy ned eduard eduardo edouard
eleanor ellie nell nora ella elinor leonora
elizabeth liz lizzie beth betty eliza elsie lisa libby bess betsy elisabeth elise isabel lisbeth
emily em emmy millie
emma em emmy
eugene gene eugen
evelyn eve evie
florence flo florrie flora
frances fran fanny francesca franziska
francis frank fran francisco francesco franz francois
franklin frank
frederick fred freddie freddy fritz friedrich fredrik federico
gabriel gabe
gabrielle gabby gabriela
geoffrey geoff jeff jeffrey
george georgie georg jorge giorgio jorg
georgina georgie georgia gina
gerald gerry jerry gerhard
gerard gerry jerry
gertrude trudy gert gerda
gregory greg gregor
gwendolyn gwen
hannah hanna hana
harold harry hal harald
harriet hattie harriett
harrison harry
helen nell nellie lena helena helene elena
henry harry hank hal henri enrique heinrich heinz hendrik henrik
herbert herb bert
howard howie
hugh hughie hugo
isaac ike zac
isabella bella izzy isabel isobel isabelle issy
jacob jake jakob jack
jacqueline jackie jacqui
james jim jimmy jamie jem jaime
jane janie jenny janet jean
janet jan jane
jasmine jas jazz
jason jay
jean jeannie jeanne
jennifer jen jenny jennie
jeremy jerry jem
jessica jess jessie
joan joanie joanna
joanna jo joanne joan johanna
john jack johnny jon jonny ian sean juan jean giovanni hans jan johannes johann ivan
jonathan jon jonny nathan johnathan
joseph joe joey jo jose giuseppe josef pepe
josephine jo josie josephina
joshua josh
judith judy jude
julia julie jules juliet
julian jules
katherine kate katie kathy kat kay kit kitty kathryn katharine kathleen catherine karen katrin
kathleen kath kathy kate katie kay
kenneth ken kenny
kimberly kim kimberley
lawrence larry laurie laurence lorenz lorenzo laurent
leonard leo len lenny leon leonardo
leo leon
lewis lou louis lew luis
lillian lily lil lilly liliana
linda lindy lynn belinda
louis lou louie lewis luis ludwig luigi lewis
louise lou luisa louisa
lucas luke luca lukas luc
lucy lucie lucia lucille
lydia liddy
madeleine maddie madeline maddy magdalena
margaret maggie meg peg peggy rita greta margie marge margarita margarete margot daisy
maria marie mary mia
mark marc marcus marco markus
martha marty mattie marta
martin marty martino
mary molly polly mae may marie maria
matilda tilly mattie mathilda
matthew matt matty mathew mateo matthias matteo mathieu
maximilian max
maxwell max
megan meg meghan
melanie mel
melissa mel missy lissa
michael mike mick mickey mikey micky miguel michel michele mikhail michal mitch
michelle shelly michele
mitchell mitch
nancy nan ann
natalie nat nattie natalia
nathan nate nat
nathaniel nathan nate nat
nicholas nick nicky nico niklas nicolas nikolaus claus klaus
nicole nicky nikki nic nicola
oliver ollie olly olivier
olivia liv livvy ollie
pamela pam
patricia pat patty tricia trish patti
patrick pat paddy rick patricio
paul paulie pablo paolo pavel
penelope penny
peter pete petey pedro pietro pierre petr
philip phil pip phillip philipp felipe
phoebe pheobe
rachel rach rachael
raymond ray raimund ramon
rebecca becky becca bec rebekah
reginald reg reggie
richard rick ricky dick rich richie ricardo riccardo
robert rob bob bobby robbie bert roberto rupert
roberta bobbie robbie
roderick rod roddy rick
rodney rod
roger rog rodge rodger
ronald ron ronnie ronny
rosemary rose rosie
russell russ rusty
samantha sam sammy
samuel sam sammy
sandra sandy
sarah sally sadie sara
sebastian seb bastian
sharon shari
simon si simeon
sophia sophie sofia sophy
stanley stan
stephanie steph stefanie stef
stephen steve steven stevie stefan esteban stephan etienne
stuart stu stewart
susan sue susie suzy susanna susanne suzanne
sylvia silvia syl
terence terry terrence
teresa terry tess tessa theresa tracy therese
thaddeus tad
theodore ted teddy theo theodor
thomas tom tommy tomas thom tommaso
timothy tim timmy
tobias toby tobi
valerie val
vanessa nessa
veronica ronnie vera
victor vic viktor vittorio
victoria vicky vic tori vicki viktoria
vincent vince vinny vinnie vincenzo
virginia ginny ginger
vivian viv vivienne
walter walt wally
wendy gwendolyn
wilhelmina mina willa wilma
william bill billy will willy willie liam guillermo wilhelm guillaume
yvonne evonne
zachary zach zack zak zachariah
"""


@cache
def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, line in enumerate(_FORMS.split("\n")):
        for form in line.split():
            found.setdefault(form, set()).add(number)
    return {form: frozenset(numbers) for form, numbers in found.items()}


def same_name(one: str, other: str) -> bool:
    """Whether two given names, as `match_key`s, may be forms of one: bob and robert."""
    groups = _groups()
    mine = groups.get(one)
    return mine is not None and not mine.isdisjoint(groups.get(other, ()))


@cache
def full_form(name: str) -> str:
    """One form that stands for a given name: robert for bob; the name itself where none is known.

    A name that may be short for several is its first one, so that this is a key to look under,
    not a judgement: `same_name` is.
    """
    groups = _groups().get(name)
    if groups is None:
        return name
    return _FORMS.split("\n")[min(groups)].partition(" ")[0]
