"""What the special rows and columns of input–output tables are called, in three languages.

Names are in lower case without signs and spaces, as the layouts of Rosstat, the Bureau of National
Statistics of Kazakhstan, Eurostat, the OECD and the BEA write them. Single letters are left out:
they are codes of sections.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Role = Literal["output", "value_added", "tax", "imports", "final_demand", "total", "label"]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OUTPUT = _names(
    """
    output out totaloutput grossoutput totalgrossoutput outputatbasicprices p1 p1r domesticoutput
    totaldomesticoutput totaloutputatbasicprices grossoutputatbasicprices
    outputatproducersprices totalindustryoutput totalcommodityoutput industryoutput
    totalproduction domesticproduction
    выпуск валовойвыпуск валовыйвыпуск общийвыпуск всеговыпуск выпусквсего итоговыпуск
    выпусквосновныхценах валовойвыпусквосновныхценах выпусктоваровиуслуг выпускпродукции
    валовойвыпусктоваровиуслуг выпусктоваровиуслугвосновныхценах выпускпродуктов
    выпускпродуктовиуслуг выпускпродукцииуслуг валоваяпродукция отечественныйвыпуск
    шығарылым жалпышығарылым шығару жалпышығару негізгібағадағышығарылым
    негізгібағалардағышығарылым тауарларменқызметтершығарылымы
    тауарларменқызметтердіңшығарылымы тауарларменқызметтердішығару өнімшығару
    """
)

VALUE_ADDED_SUMS = _names(
    """
    va valu gva b1g valueadded grossvalueadded totalvalueadded valueaddedatbasicprices
    grossvalueaddedatbasicprices totalgrossvalueadded valueaddedgross
    вдс добавленнаястоимость валоваядобавленнаястоимость вдсвосновныхценах
    валоваядобавленнаястоимостьвосновныхценах итогодобавленнаястоимость
    итоговаловаядобавленнаястоимость
    жққ қосылғанқұн жалпықосылғанқұн негізгібағадағыжалпықосылғанқұн
    негізгібағалардағыжалпықосылғанқұн
    """
)
INCOME = _names(
    """
    d1 v00100 v001 labour labor comp wages compensation compensationofemployees
    employeecompensation compensationofemployeestotal wagesandsalaries labourincome laborincome
    labourcosts laborcosts incomeofhouseholds householdincome
    оплататруда оплататруданаемныхработников оплататруданаёмныхработников
    оплататрудаработников оплататрударабочих заработнаяплата доходыдомашниххозяйств
    еңбекақы еңбекақытөлеу еңбеккеақытөлеу жалақы жұмыскерлердіңеңбегінақытөлеу
    жұмыскерлердіңеңбегінеақытөлеу қызметкерлердіңеңбегінеақытөлеу
    жалдамалықызметкерлердіңеңбегінеақытөлеу жалдамалыжұмыскерлердіңеңбекақысы
    """
)
"""Rows of value added that are what households earn."""
_OTHER_VALUE_ADDED = _names(
    """
    d29 d29d39 d29md39 d29x39 v00200 v00300 p51c b2n b2g b3g b2gb3g b2a3g b2ab3g b2nb3n
    othernettaxesonproduction othertaxesonproduction othertaxeslesssubsidiesonproduction
    othertaxesonproductionlesssubsidies taxesonproduction nettaxesonproduction
    taxeslesssubsidiesonproduction taxesonproductionandimports
    taxesonproductionandimportslesssubsidies
    consumptionoffixedcapital depreciation operatingsurplus grossoperatingsurplus
    netoperatingsurplus operatingsurplusgross operatingsurplusnet mixedincome grossmixedincome
    mixedincomegross grossoperatingsurplusandmixedincome operatingsurplusandmixedincome
    operatingsurplusandmixedincomegross operatingsurplusandmixedincomenet
    netoperatingsurplusandmixedincome profit profits
    валоваяприбыль валоваяприбыльэкономики валоваяприбыльисмешанныедоходы
    валоваяприбыльиваловыесмешанныедоходы валоваяприбыльэкономикииваловыесмешанныедоходы
    валоваяприбыльэкономикиисмешанныедоходы валоваяприбыльэкономикииваловойсмешанныйдоход
    валоваяприбыльисмешанныйдоход чистаяприбыль чистаяприбыльэкономики
    чистаяприбыльичистыесмешанныедоходы чистаяприбыльэкономикиичистыесмешанныедоходы
    смешанныйдоход смешанныедоходы валовойсмешанныйдоход валовыесмешанныедоходы прибыль
    потреблениеосновногокапитала амортизация налогинапроизводство чистыеналогинапроизводство
    другиеналогинапроизводство другиечистыеналогинапроизводство прочиеналогинапроизводство
    прочиечистыеналогинапроизводство другиеналогизавычетомсубсидийнапроизводство
    другиеналогинапроизводствозавычетомсубсидий
    жалпыпайда экономиканыңжалпыпайдасы жалпыараластабыс араластабыс
    жалпыпайдажәнежалпыараластабыс негізгікапиталдытұтыну
    өндіріскебасқасалықтар өндіріскесалынатынбасқасалықтар өндіріскесалынатынсалықтар
    өндіріскесалынатынбасқатазасалықтар
    """
)

_TAXES = _names(
    """
    tls taxsub txsintfnl txsimpfnl d21x31 d21d31 d21md31 d21m31 taxes nettaxes
    taxeslesssubsidies nettaxesonproducts
    taxeslesssubsidiesonproducts taxesonproducts taxesonproductslesssubsidies netproducttaxes
    netindirecttaxesonproducts taxeslesssubsidiesonintermediateproducts
    чистыеналоги чистыеналогинапродукты налогинапродукты налогинапродуктызавычетомсубсидий
    налогинапродуктыминуссубсидии налогизавычетомсубсидийнапродукты
    налогинапродуктызаминусомсубсидий чистыеналогинапродуктыиимпорт
    налогиисубсидиинапродукты чистыеналогинапродуктызавычетомсубсидий
    өнімдергесалықтар өнімдергесалынатынсалықтар өнімдергесалынатынтазасалықтар
    өнімдергетазасалықтар
    """
)
IMPORTS = _names(
    """
    imports import imp impo p7 f05000 importsofgoodsandservices totalimports importedinputs
    importedintermediateinputs importedproducts useofimportedproducts intermediateimports
    импорт импорттоваровиуслуг импортпродуктов импортныепродукты импортнаяпродукция
    использованиеимпортнойпродукции использованиеимпорта ввоз ввозиимпорт импортиввоз
    тауарларменқызметтеримпорты тауарларменқызметтердіңимпорты импорттықөнімдер импорттықөнім
    """
)
"""Rows of imported inputs, and columns of imports by product."""

FINAL_SUMS = _names(
    """
    fd finaldemand finaluse finaluses finalexpenditure totalfinalexpenditure
    конечныйспрос конечноеиспользование
    соңғыпайдалану түпкіліктіпайдалану соңғысұраныс түпкіліктісұраныс
    """
)
_CONSUMPTION = _names(
    """
    p3 finalconsumption finalconsumptionexpenditure finalconsumptionexpenditures
    totalfinalconsumption totalfinalconsumptionexpenditure
    конечноепотребление расходынаконечноепотребление итогоконечноепотребление
    итогорасходынаконечноепотребление
    соңғытұтыну түпкіліктітұтыну соңғытұтынуғажұмсалғаншығыстар соңғытұтынушығыстары
    түпкіліктітұтынуғажұмсалғаншығыстар түпкіліктітұтынушығыстары
    """
)
HOUSEHOLDS = _names(
    """
    hfce p3s14 p31s14 p3as14 f01000 f010 households household householdconsumption
    householdexpenditure householdfinalconsumption householdfinalconsumptionexpenditure
    householdsfinalconsumption consumptionofhouseholds consumptionexpenditureofhouseholds
    finalconsumptionofhouseholds finalconsumptionexpenditureofhouseholds
    finalconsumptionexpenditurebyhouseholds finalconsumptionbyhouseholds privateconsumption
    privatefinalconsumption personalconsumption personalconsumptionexpenditures
    personalconsumptionexpenditure
    домашниехозяйства домашниххозяйств домохозяйства потреблениедомашниххозяйств
    потреблениедомохозяйств расходыдомашниххозяйств конечноепотреблениедомашниххозяйств
    расходынаконечноепотреблениедомашниххозяйств расходыдомашниххозяйствнаконечноепотребление
    потреблениенаселения расходынаселения
    үйшаруашылықтары үйшаруашылығы үйшаруашылықтарыныңтұтынуы
    үйшаруашылықтарыныңсоңғытұтынуы үйшаруашылықтарыныңтүпкіліктітұтынуы
    үйшаруашылықтарыныңсоңғытұтынуғажұмсалғаншығыстары үйшаруашылықтарыныңшығыстары
    """
)
"""Final uses that are what households spend."""
_OTHER_CONSUMPTION = _names(
    """
    npish npishs ggfc p3s15 p3s13 p31s13 p32s13 p31s15 government governmentconsumption
    governmentexpenditure governmentfinalconsumption governmentfinalconsumptionexpenditure
    generalgovernment generalgovernmentfinalconsumption
    generalgovernmentfinalconsumptionexpenditure publicconsumption
    finalconsumptionexpenditurebygovernment finalconsumptionexpenditureofgovernment
    finalconsumptionofgovernment finalconsumptionexpenditureofgeneralgovernment
    nonprofitinstitutionsservinghouseholds finalconsumptionexpenditureofnpish
    государственноеуправление государственныеучреждения органыгосударственногоуправления
    потреблениегосударства государственноепотребление
    расходынаконечноепотреблениегосударственногоуправления
    расходынаконечноепотреблениегосударственныхучреждений
    расходынаконечноепотреблениеоргановгосударственногоуправления
    конечноепотреблениегосударственногоуправления
    конечноепотреблениеоргановгосударственногоуправления
    конечноепотреблениегосударственныхучреждений
    нкодх нкообслуживающиедомашниехозяйства некоммерческиеорганизации
    некоммерческиеорганизацииобслуживающиедомашниехозяйства
    некоммерческихорганизацийобслуживающихдомашниехозяйства
    конечноепотреблениенкодх расходынаконечноепотреблениенкодх
    расходынаконечноепотреблениенекоммерческихорганизацийобслуживающихдомашниехозяйства
    мемлекеттікбасқару мемлекеттікмекемелер мемлекеттікбасқаруоргандары
    мемлекеттікбасқаруоргандарыныңсоңғытұтынуы мемлекеттікбасқаруоргандарыныңтүпкіліктітұтынуы
    мемлекеттікмекемелердіңсоңғытұтынуы мемлекеттікмекемелердіңтүпкіліктітұтынуы
    коммерциялықемесұйымдар үйшаруашылықтарынақызметкөрсететінкоммерциялықемесұйымдар
    """
)
_CAPITAL = _names(
    """
    p5 p5g grosscapitalformation capitalformation grosscapitalformationtotal investment
    grossinvestment
    валовоенакопление валовоенакоплениекапитала итоговаловоенакопление
    жалпықорланым жалпықорлану жалпыжинақтау жалпыжинақталу капиталдыңжалпықорлануы
    """
)
_CAPITAL_PARTS = _names(
    """
    gfcf p51 p51g p52 p53 p5m invnt grossfixedcapitalformation fixedcapitalformation
    grossfixedinvestment fixedinvestment changesininventories changeininventories inventories
    inventorychange inventorychanges changesinstocks changeinstocks changesinvaluables valuables
    acquisitionslessdisposalsofvaluables changesininventoriesandvaluables
    валовоенакоплениеосновногокапитала накоплениеосновногокапитала
    изменениезапасов изменениезапасовматериальныхоборотныхсредств приростзапасов
    изменениематериальныхоборотныхсредств чистоеприобретениеценностей приобретениеценностей
    негізгікапиталдыңжалпықорлануы негізгікапиталдыжалпықорлану
    негізгікапиталдыңжалпықорланымы негізгікапиталдыңжалпыжинақталуы
    қорлардыңөзгеруі қорлардыңөзгерісі материалдықайналымқұралдарықорларыныңөзгеруі
    материалдықайналымқаражатықорларыныңөзгеруі құндылықтардытазасатыпалу
    """
)
EXPORTS = _names(
    """
    expo export exports p6 f04000 exportsofgoodsandservices totalexports
    экспорт экспорттоваровиуслуг вывоз вывозиэкспорт экспортивывоз
    тауарларменқызметтерэкспорты тауарларменқызметтердіңэкспорты
    """
)
_OTHER_FINAL = _names(
    """
    netexports nonres consnonres consabr dpabr statisticaldiscrepancy
    чистыйэкспорт статистическоерасхождение статистикалықалшақтық
    """
)
FINAL_GROUPS = (
    (_CONSUMPTION, HOUSEHOLDS | _OTHER_CONSUMPTION),
    (_CAPITAL, _CAPITAL_PARTS),
)
"""Sums of final uses, and the parts they are of."""

_TOTAL_ROWS = _names(
    """
    total totals grandtotal subtotal intermediateinputs intermediateconsumption totalintermediate
    totalintermediateinputs totalintermediateconsumption totalinputs totalinput ttlintfnl p2
    итого всего промежуточноепотребление итогопромежуточноепотребление
    итогопромежуточногопотребления всегопромежуточноепотребление
    промежуточноепотреблениевценахпокупателей итогозатрат всегозатрат материальныезатраты
    барлығы жиыны жиынтығы аралықтұтыну барлығыаралықтұтыну аралықтұтынубарлығы
    """
)
_TOTAL_COLUMNS = _names(
    """
    total totals grandtotal subtotal tu tfinu tfu totaluse totaluses totalfinaluse totalfinaluses
    totalfinaldemand totalintermediate totalintermediateuse totalintermediatedemand
    totalintermediateconsumption intermediateuse intermediatedemand intermediateconsumption
    totaldemand totaluseatbasicprices totaluseatpurchasersprices
    итого всего всегопоэкономике итогопоэкономике всегоиспользовано итогоиспользовано
    всегоиспользование итогоиспользование
    общееиспользование использовановсего промежуточноеиспользование промежуточныйспрос
    промежуточноепотребление итогопромежуточноепотребление итогопромежуточногопотребления
    итогопромежуточноеиспользование всегопромежуточноеиспользование
    всегопромежуточноепотребление итогопромежуточныйспрос
    итогоконечноеиспользование итогоконечногоиспользования всегоконечноеиспользование
    всегоконечногоиспользования итогоконечныйспрос
    барлығы жиыны жиынтығы аралықтұтыну аралықпайдалану барлығыаралықтұтыну барлығыпайдаланылды
    барлықпайдалану жалпыпайдалану барлығысоңғыпайдалану барлығытүпкіліктіпайдалану
    """
)

ROW_NAMES: Mapping[Role, frozenset[str]] = {
    "output": _OUTPUT,
    "value_added": VALUE_ADDED_SUMS | INCOME | _OTHER_VALUE_ADDED,
    "tax": _TAXES,
    "imports": IMPORTS,
    "total": _TOTAL_ROWS,
}
COLUMN_NAMES: Mapping[Role, frozenset[str]] = {
    "output": _OUTPUT,
    "final_demand": (
        FINAL_SUMS
        | _CONSUMPTION
        | HOUSEHOLDS
        | _OTHER_CONSUMPTION
        | _CAPITAL
        | _CAPITAL_PARTS
        | EXPORTS
        | _OTHER_FINAL
    ),
    "imports": IMPORTS,
    "total": _TOTAL_COLUMNS,
    "label": _names("name label labels industry sector название наименование атауы"),
}


def normal_name(label: str) -> str:
    """Return a label in lower case without signs and spaces.

    Examples
    --------
    >>> normal_name("Валовая добавленная стоимость, млн")
    'валоваядобавленнаястоимостьмлн'
    """
    return re.sub(r"[\W_]+", "", label.casefold())


_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_CODE_BEFORE = re.compile(r"^[A-Za-zА-Яа-я]{1,2}\.?[0-9][\w.\-]*[\s:–—-]+")
_MARKS = re.compile(r"[\s*†‡⁰¹²³⁴-⁹0-9)]+$")
_TAIL = re.compile(
    r"млн|млрд|тыс|тенге|теңге|мың|руб|долл|usd|eur|kzt|rub|million|billion|thousand|mln|цен|price"
    r"|баға|всего|итого|total|барлығы|нетто|net\b|gross|cif|fob|сиф|фоб|current",
    re.IGNORECASE,
)


def heading_names(label: str) -> tuple[str, ...]:
    """Return the names a heading may be known by, the plainest last.

    Units and prices after a comma or in brackets, marks of footnotes and a code before the words
    are taken off.

    Examples
    --------
    >>> heading_names("Валовой выпуск, млн тенге")[-1]
    'валовойвыпуск'
    >>> heading_names("D.1 Compensation of employees*")[-1]
    'compensationofemployees'
    """
    plain = _BRACKETS.sub(" ", label).strip()
    words, _, tail = plain.partition(",")
    forms = [label, plain]
    if tail and _TAIL.search(tail):
        forms.append(words)
    forms += [_MARKS.sub("", form) for form in forms[1:]]
    forms += [_CODE_BEFORE.sub("", form) for form in forms[1:]]
    return tuple(dict.fromkeys(name for name in map(normal_name, forms) if name))


def known_as(label: str, names: frozenset[str]) -> str:
    """Return the name of a set a heading is known by; empty where it is none of them.

    Examples
    --------
    >>> known_as("Выпуск товаров и услуг¹", ROW_NAMES["output"])
    'выпусктоваровиуслуг'
    """
    return next((name for name in heading_names(label) if name in names), "")
