import { Anchor, Button, NavLink, type AnchorProps, type ButtonProps, type NavLinkProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, Ref } from 'react'

type Attributes = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof AnchorProps | 'style'>

/** Mantine's looks with the router's addresses. In a text a link is as large as that. */
export const Link = createLink((props: AnchorProps & Attributes & { ref?: Ref<HTMLAnchorElement> }) => <Anchor inherit={props.size === undefined} {...props} />)

export const ButtonLink = createLink((props: ButtonProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps | 'style'> & { ref?: Ref<HTMLAnchorElement> }) => (
  <Button component="a" {...props} />
))

export const NavigationLink = createLink((props: NavLinkProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof NavLinkProps | 'style'> & { ref?: Ref<HTMLAnchorElement> }) => (
  <NavLink component="a" {...props} />
))
