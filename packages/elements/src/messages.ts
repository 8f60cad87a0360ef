import { german } from './messages-de.ts'
import { english } from './messages-en.ts'

/** Every text of the elements by its name. */
export type Messages = { readonly [Name in keyof typeof english]: string }

/** The texts that the elements bring, by language. */
const SUPPLIED: Readonly<Record<string, Messages>> = { en: english, de: german }

/** The language of the texts for a BCP 47 tag: the tag's own where it is supplied, English otherwise. */
export function suppliedLanguage(tag: string): string {
  const [language = ''] = tag.toLowerCase().split('-')
  return language in SUPPLIED ? language : 'en'
}

/** The texts for a language, with those of the page in place of the supplied ones. */
export function messagesFor(tag: string, own: Partial<Messages> = {}): Messages {
  return { ...(SUPPLIED[suppliedLanguage(tag)] ?? english), ...own }
}
