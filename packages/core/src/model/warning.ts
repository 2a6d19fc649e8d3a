/** Something of the request that could not be passed on as it was. The call still went through. */
export type Warning =
  /** The setting or part is not supported and was left out. */
  | { readonly type: 'unsupported'; readonly feature: string; readonly details?: string | undefined }
  /** It was passed on in another form, which may work less well. */
  | { readonly type: 'compatibility'; readonly feature: string; readonly details?: string | undefined }
  | { readonly type: 'other'; readonly message: string };
