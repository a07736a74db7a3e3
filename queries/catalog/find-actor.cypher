// title: Organisations by a part of their name
// question: Which organisations have this in their name, in any language, or in a former name?
// parameter: text (text) - a part of the name; capitals do not matter
// column: actor_id (text) - key of the organisation, for the other queries
// column: name (text) - its name
// column: name_ru (text) - its name in Russian
// column: name_kk (text) - its name in Kazakh
// column: actor_type (text) - what kind of organisation it is
// column: sphere (text) - its sphere
// column: region (text) - code of its region
// column: source (text) - where it is stated
MATCH (a:Actor)
WHERE toLower(a.id) CONTAINS toLower($text)
   OR toLower(a.name) CONTAINS toLower($text)
   OR toLower(coalesce(a.name_en, '')) CONTAINS toLower($text)
   OR toLower(coalesce(a.name_ru, '')) CONTAINS toLower($text)
   OR toLower(coalesce(a.name_kk, '')) CONTAINS toLower($text)
   OR any(x IN coalesce(a.aliases, []) WHERE toLower(x) CONTAINS toLower($text))
RETURN a.id AS actor_id, a.name AS name, a.name_ru AS name_ru, a.name_kk AS name_kk,
       a.actor_type AS actor_type, a.sphere AS sphere, a.region AS region, a.source AS source
ORDER BY actor_id
